//! Random durations.

use std::time::Duration;

use serde::Deserialize;

use super::check;
use super::error::DistributionError;
use super::law::Distribution;
use super::raw::RawValue;
use super::unit::{TIME_MAX_NS, Unit};
use crate::seed::Rng;

/// A distribution of durations; never negative, at most a day.
///
/// In a file it is a string for a constant, or a table with one distribution:
///
/// ```toml
/// a = "250ms"
/// b = { p50 = "645ms", p95 = "1094ms" }           # log-normal through two of p50, p90, p95, p99
/// c = { mean = "1s", cv = 0.5 }                   # log-normal by mean and `sd` or `cv`
/// d = { between = ["0.5s", "2s"] }                # uniform
/// e = { normal = { mean = "9ms", sd = "2ms" } }   # truncated below `min` (default 0)
/// f = { gamma = { mean = "9ms", cv = 0.3 } }
/// g = { exponential = { mean = "9ms", min = "1ms" } }   # shifted by `min`; `mean` includes the shift
/// h = { pareto = { min = "5ms", shape = 2.5 } }
/// i = { values = ["8ms", "9ms", "30ms"] }         # all equally likely
/// j = { mix = [ { share = 0.98, constant = "9ms" }, { share = 0.02, p50 = "60ms", p99 = "90ms" } ] }
/// ```
///
/// Shares are relative and need not add up to one. Samples are limited to a day, which the mean does not consider.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "RawValue")]
pub struct Latency {
    /// In nanoseconds.
    law: Distribution,
    scale: f64,
}

impl Latency {
    /// Always zero.
    pub const ZERO: Self = Self { law: Distribution::constant(0.0), scale: 1.0 };

    /// Always `duration`, limited to a day.
    pub fn constant(duration: Duration) -> Self {
        Self { law: Distribution::constant((duration.as_nanos() as f64).min(TIME_MAX_NS)), scale: 1.0 }
    }

    /// Draws a duration.
    pub fn sample(&self, rng: &mut Rng) -> Duration {
        self.duration(self.law.sample(rng))
    }

    /// The mean of the distribution.
    pub fn mean(&self) -> Duration {
        self.duration(self.law.mean())
    }

    /// The duration that a share `share` (0 to 1) of the distribution does not exceed.
    pub fn quantile(&self, share: f64) -> Duration {
        self.duration(self.law.quantile(share, TIME_MAX_NS))
    }

    /// Whether every sample is zero.
    pub fn is_zero(&self) -> bool {
        self.mean().is_zero()
    }

    /// Multiplies all durations by `factor`: 0.1 makes a simulation ten times faster. Callers check the factor; a negative
    /// one or NaN makes all durations zero.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self { law: self.law.clone(), scale: self.scale * factor.max(0.0) }
    }

    fn duration(&self, figure_ns: f64) -> Duration {
        Duration::from_nanos((figure_ns.min(TIME_MAX_NS) * self.scale).round() as u64)
    }
}

impl TryFrom<RawValue> for Latency {
    type Error = DistributionError;

    fn try_from(raw: RawValue) -> Result<Self, DistributionError> {
        Ok(Self { law: check::distribution(&raw, Unit::Time)?, scale: 1.0 })
    }
}
