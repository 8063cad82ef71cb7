//! A summary against the limits that were set for it.

mod check;
mod rule;
mod value;

pub use rule::{Abort, Rule, Watch};
