//! The executor: one run of a plan.

mod active;
mod error;
mod event;
mod executor;
mod options;
mod record;
mod schedule;
mod scope;

pub use error::{RunError, StepError};
pub use event::{Outcome, RunEvent, RunStatus};
pub use executor::{Run, run};
pub use options::{Mode, RunOptions, TimeScale, TimeScaleError};
