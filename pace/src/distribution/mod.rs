//! Random durations and counts: see [`Latency`] and [`Amount`].

mod amount;
mod check;
mod error;
mod fit;
mod latency;
mod law;
mod parameters;
mod quantile;
mod raw;
mod table;
#[cfg(test)]
mod tests;
mod unit;

pub use amount::Amount;
pub use error::{DistributionError, DistributionProblem};
pub use latency::Latency;
