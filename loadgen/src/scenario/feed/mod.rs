//! Feeds: rows of the scenario itself, or of a file beside it.

mod check;
mod file;
mod unique;

pub(super) use check::check;
pub(super) use unique::check_users;

#[cfg(test)]
mod tests;
