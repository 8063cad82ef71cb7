//! Thresholds of a run in their text form: `ttft.p95 < 500ms`, `task("chat").errors < 1%`,
//! `goodput(ttft < 500ms, tpot < 30ms) > 0.95`.
//!
//! - `parse`, over a `cursor`: the grammar; `error` points at the character
//! - `subject`: a figure (`measure`, `stat`) of all, a class or a task (`scope`)
//! - `bound`: what it is compared with
//! - `request`: limits that one request meets or breaks, which goodput counts
//! - `check`: a threshold against a summary; `rule`: when that is done

mod bound;
mod cursor;
mod describe;
mod error;
mod limit;
mod measure;
mod parse;
mod request;
mod scope;
mod stat;
mod subject;
mod timing;

pub(crate) use bound::Bound;
pub use describe::{FigureDescription, figure_descriptions};
pub use error::{Found, ThresholdError, ThresholdProblem};
pub use limit::Threshold;
pub(crate) use measure::Better;
pub(crate) use measure::{Measure, Scalar};
pub use request::{RequestDurations, RequestLimit, RequestLimits};
pub use scope::Scope;
pub use subject::Subject;
pub(crate) use timing::{RequestTiming, Timing};

#[cfg(test)]
mod error_tests;
#[cfg(test)]
mod tests;
