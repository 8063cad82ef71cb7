//! Random counts.

use serde::Deserialize;

use super::check;
use super::error::DistributionError;
use super::law::Distribution;
use super::raw::RawValue;
use super::unit::{COUNT_MAX, Unit};
use crate::seed::Rng;

/// A distribution of counts, such as tokens in a response; at most 10⁹.
///
/// It has the format of a [`Latency`](crate::Latency) with plain numbers instead of durations: `200`, `{ p50 = 117, p95 = 500 }`,
/// `{ between = [10, 20] }` (both ends included). Samples are rounded to the nearest whole number.
///
/// `{ speculative = { draft = 4, acceptance = 0.7 } }` are the tokens of a step with speculative decoding: each token of a
/// draft of four is accepted with that probability if all before it were, and the step adds one token to them: 1 to 5.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "RawValue")]
pub struct Amount {
    law: Distribution,
}

impl Amount {
    /// Always `count`, limited to 10⁹.
    pub fn constant(count: u64) -> Self {
        Self { law: Distribution::constant((count as f64).min(COUNT_MAX)) }
    }

    /// Draws a count.
    pub fn sample(&self, rng: &mut Rng) -> u64 {
        self.law.sample(rng).clamp(0.0, COUNT_MAX).round() as u64
    }

    /// The count, if it is constant.
    pub fn fixed(&self) -> Option<u64> {
        self.law.fixed().map(|count| count.round() as u64)
    }

    /// The value that a share `share` (0 to 1) of the distribution does not exceed, rounded to a whole number.
    pub fn quantile(&self, share: f64) -> u64 {
        self.law.quantile(share, COUNT_MAX).round() as u64
    }

    /// The mean of the distribution, before rounding.
    pub fn mean(&self) -> f64 {
        self.law.mean().min(COUNT_MAX)
    }
}

impl TryFrom<RawValue> for Amount {
    type Error = DistributionError;

    fn try_from(raw: RawValue) -> Result<Self, DistributionError> {
        Ok(Self { law: check::distribution(&raw, Unit::Count)? })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn fixed_is_some_for_constant_only() {
        let written = "a = 7\nc = { p50 = 7, p95 = 9 }";
        let amounts: BTreeMap<String, Amount> = toml::from_str(written).unwrap();
        assert_eq!(amounts["a"].fixed(), Some(7));
        assert_eq!(amounts["c"].fixed(), None);
        assert_eq!(Amount::constant(u64::MAX).fixed(), Some(1_000_000_000));
    }
}
