//! The executor: one run of a plan.

mod active;
mod error;
mod event;
mod executor;
mod fan_out;
mod forecast;
mod options;
mod record;
mod schedule;
mod scope;
mod steps;
mod work;

pub use error::{RunError, StepError};
pub use event::{Outcome, RunEvent, RunStatus};
pub use executor::{Effects, Run, run};
pub use forecast::forecast;
pub use options::{Mode, RunOptions, TimeScale, TimeScaleError};

/// How deep chains may be nested in each other.
pub(crate) const DEPTH_MAX: usize = 8;
/// Attempts that a run may begin, with all runs within it: lists within lists of chains multiply.
pub(crate) const ATTEMPTS_MAX: usize = 100_000;
