//! The workflow service with switchable observability, for measuring its overhead.

mod config;
mod endpoint;
mod execute;
mod queue;
mod recent_errors;
mod report;
mod state;
mod statistics;
mod watch;

pub use state::Observability;
