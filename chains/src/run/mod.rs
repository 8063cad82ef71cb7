//! The executor: one run of a plan.

mod active;
mod error;
mod event;
mod executor;
mod forecast;
mod options;
mod record;
mod schedule;
mod scope;

pub use error::{RunError, StepError};
pub use event::{Outcome, RunEvent, RunStatus};
pub use executor::{Run, run};
pub use forecast::forecast;
pub use options::{Mode, RunOptions, TimeScale, TimeScaleError};
