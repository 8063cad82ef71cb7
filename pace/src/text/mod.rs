//! Parsing and formatting of durations (`"250ms"`, `"1m30s"`) and rates (`"500/min"`), and names with wildcards (`gpt-*`).

mod duration;
pub mod duration_text;
mod rate;
mod wildcard;

pub use duration::{DurationError, parse_cli_duration};
pub use rate::{Rate, RateError};
pub use wildcard::matches_wildcard;
