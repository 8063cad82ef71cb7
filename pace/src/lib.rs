//! Time: latency distributions to sample, deadlines to meet precisely, arrival processes, a simulated twin.
//!
//! # Layout
//!
//! - `seed`: where all randomness comes from, handed in
//! - `text`: durations and rates as people write them, and faults in TOML told with file, line and nearest key
//! - `distribution`: how long something takes ([`Latency`]) and how many there are ([`Amount`])
//! - `clock`: the precise timer, its fallback elsewhere than on Linux, its simulated twin
//! - `arrivals`: a level over time ([`Curve`]), and how requests arrive along it ([`Arrivals`])

mod arrivals;
mod clock;
mod distribution;
mod seed;
mod text;

pub use arrivals::{ArrivalKind, Arrivals, ArrivalsError, Curve, Line};
pub use clock::{Clock, Elapsed, Sleep, TimerConfig, TimerError, TimerKind, simulate};
pub use distribution::{Amount, DistributionError, DistributionProblem, Latency};
pub use seed::{Rng, Seed};
pub use text::{DurationError, Rate, RateError, TomlFault, duration_text, nearest, parse_cli_duration};
