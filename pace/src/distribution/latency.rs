//! How long something takes.

use std::time::Duration;

use serde::Deserialize;

use super::check;
use super::error::DistributionError;
use super::law::Law;
use super::raw::Raw;
use super::unit::{TIME_MAX_NS, Unit};
use crate::seed::Rng;

/// A law of durations, checked and ready to be sampled; never negative, at most a day.
///
/// In a file it is a text, which is a constant, or a table with one law:
///
/// ```toml
/// a = "250ms"
/// b = { p50 = "645ms", p95 = "1094ms" }           # log-normal through two of p50, p90, p95, p99
/// c = { mean = "1s", cv = 0.5 }                   # log-normal by mean and `sd` or `cv`
/// d = { between = ["0.5s", "2s"] }                # uniform
/// e = { normal = { mean = "9ms", sd = "2ms" } }   # cut at `min` (0): what is below is drawn again
/// f = { gamma = { mean = "9ms", cv = 0.3 } }
/// g = { exponential = { mean = "9ms", min = "1ms" } }   # `min` is a shift; the mean is that of the whole
/// h = { pareto = { min = "5ms", shape = 2.5 } }
/// i = { values = ["8ms", "9ms", "30ms"] }         # each as often as any other
/// j = { mix = [ { share = 0.98, constant = "9ms" }, { share = 0.02, p50 = "60ms", p99 = "90ms" } ] }
/// ```
///
/// Shares need not add up to one: they are relative. A mean is that of the law; what a heavy tail would draw beyond a
/// day counts as a day.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Latency {
    /// In nanoseconds.
    law: Law,
    scale: f64,
}

impl Latency {
    /// No time at all.
    pub const ZERO: Self = Self { law: Law::constant(0.0), scale: 1.0 };

    /// Always `duration`; more than a day counts as a day.
    pub fn constant(duration: Duration) -> Self {
        Self { law: Law::constant((duration.as_nanos() as f64).min(TIME_MAX_NS)), scale: 1.0 }
    }

    /// One duration, drawn with `rng`.
    pub fn sample(&self, rng: &mut Rng) -> Duration {
        self.duration(self.law.sample(rng))
    }

    /// The mean of the law.
    pub fn mean(&self) -> Duration {
        self.duration(self.law.mean())
    }

    /// Whether every sample is zero.
    pub fn is_zero(&self) -> bool {
        self.mean().is_zero()
    }

    /// The same law with every duration `factor` times as long: 0.1 makes a simulation ten times faster. The factor has
    /// been checked where it was read; one that is negative or no number makes every duration zero.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self { law: self.law.clone(), scale: self.scale * factor.max(0.0) }
    }

    fn duration(&self, figure_ns: f64) -> Duration {
        Duration::from_nanos((figure_ns.min(TIME_MAX_NS) * self.scale).round() as u64)
    }
}

impl TryFrom<Raw> for Latency {
    type Error = DistributionError;

    fn try_from(raw: Raw) -> Result<Self, DistributionError> {
        Ok(Self { law: check::law(&raw, Unit::Time)?, scale: 1.0 })
    }
}
