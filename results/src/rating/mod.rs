//! Grades and recommendations, for readers who do not work with these figures every day.
//!
//! - `rate`: grades a summary by its bands, which come from the scenario or the defaults
//! - `advice`: the recommendations with their evidence: for the whole run (`of_run`), for a task (`of_task`)

mod advice;
mod of_run;
mod of_task;
mod rate;
mod recommendation;

pub use advice::recommendations;
pub use rate::{RatedFigure, Rating, rating};
pub use recommendation::{Recommendation, Severity};

#[cfg(test)]
mod tests;
