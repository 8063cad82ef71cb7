//! What the figures amount to, for those who do not read figures all day: grades, and what to look at first.
//!
//! - `band`: the bounds between grades, from the scenario or by default
//! - `grade`: the words; `rate`: a summary by its bands
//! - `advice`: what to look at first, each with its evidence: of the whole run (`of_run`), of a task (`of_task`)

mod advice;
mod of_run;
mod of_task;
mod place;
mod rate;
mod recommendation;

pub use advice::recommendations;
pub use rate::{RatedFigure, Rating, rating};
pub use recommendation::{Gravity, Recommendation};

#[cfg(test)]
mod tests;
