//! The workflow service whose observability can be switched on and off: what does watching cost?

mod books;
mod config;
mod endpoint;
mod execute;
mod faults;
mod queue;
mod report;
mod state;
mod watch;

pub use state::Observability;
