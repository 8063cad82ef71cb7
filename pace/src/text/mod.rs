//! Durations and rates as people write them: `"250ms"`, `"1m30s"`, `"500/min"`; and how a fault in what they
//! wrote is told to them.

mod duration;
pub mod duration_text;
mod fault;
mod rate;

pub use duration::{DurationError, parse_cli_duration};
pub use fault::{TomlFault, nearest};
pub use rate::{Rate, RateError};
