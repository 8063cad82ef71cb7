//! Feeds: rows in the scenario, or in a file next to it.

mod check;
mod file;
mod rows;

pub(super) use check::{check, check_users};

#[cfg(test)]
mod tests;
