//! Parsing and formatting of durations (`"250ms"`, `"1m30s"`) and rates (`"500/min"`), and errors in TOML.

mod duration;
pub mod duration_text;
mod fault;
mod rate;

pub use duration::{DurationError, parse_cli_duration};
pub use fault::{TomlFault, nearest};
pub use rate::{Rate, RateError};
