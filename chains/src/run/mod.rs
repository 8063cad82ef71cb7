//! The executor: one run of a plan.

mod action;
mod attempt;
mod event;
mod executor;
mod fan_out;
mod forecast;
mod options;
mod queue;
mod record;
mod scope;
mod steps;

pub use event::{RunEvent, RunOutcome, RunStatus};
pub use executor::{Effects, Run, run};
pub use forecast::forecast;
pub use options::{ExecutionMode, RunOptions, TimeScale, TimeScaleError};
