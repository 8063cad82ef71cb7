//! Feeds: rows of data for requests.

mod cursors;
mod rows;

pub(crate) use cursors::Cursors;
pub(crate) use rows::{Feed, Feeds, Order, TableRow};

#[cfg(test)]
mod tests;
