//! Rows of data that requests take turns with.

mod cursors;
mod rows;

pub(crate) use cursors::Cursors;
pub(crate) use rows::{Feed, Feeds, Order, Record};

#[cfg(test)]
mod tests;
