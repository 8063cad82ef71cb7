//! The workflow service whose observability can be switched on and off: what does watching cost?

mod books;
mod endpoint;
mod execute;
mod faults;
mod queue;
mod report;
mod state;
mod watch;

pub(crate) use endpoint::Endpoint;
pub(crate) use state::State;
