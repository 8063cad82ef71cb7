//! Judges a summary by its thresholds.

mod check;
mod rule;
mod value;

pub use rule::{Abort, Rule, Watch};
