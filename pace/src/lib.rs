//! Time: latency distributions, precise timers, arrival processes, and a simulated clock.
//!
//! # Layout
//!
//! - `seed`: seeds and the random number generator
//! - `text`: parsing of durations and rates, names with wildcards
//! - `diagnostic`: errors of users' files, typed, with file, line, key and the nearest known name
//! - `distribution`: random durations ([`Latency`]) and counts ([`Amount`])
//! - `clock`: the precise clock, its fallback on other systems than Linux, the simulated clock
//! - `arrivals`: levels over time ([`Curve`]), and arrival processes along them ([`Arrivals`])

mod arrivals;
mod clock;
mod diagnostic;
mod distribution;
mod seed;
mod text;

pub use arrivals::{ArrivalKind, Arrivals, ArrivalsError, Curve, Segment};
pub use clock::{
    Clock, Elapsed, Sleep, TimerConfig, TimerError, TimerKind, block_in_place, instant_after, simulate,
};
pub use diagnostic::{
    Diagnostic, Document, Excerpt, Expected, Found, KeyPath, KeySegment, Node, NodeKey, NodeValue,
    SettingError, SettingProblem, Suggestion, TomlNode, TomlValueNode, ValueKind, nearest, quote_key,
    read_settings, read_text_file,
};
pub use distribution::{Amount, DistributionError, DistributionProblem, Latency};
pub use seed::{Rng, Seed};
pub use text::{DurationError, Rate, RateError, duration_text, matches_wildcard, parse_cli_duration};
