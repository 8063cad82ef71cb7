//! How many of something there are.

use serde::Deserialize;

use super::check;
use super::error::DistributionError;
use super::law::Law;
use super::raw::Raw;
use super::unit::{COUNT_MAX, Unit};
use crate::seed::Rng;

/// A law of counts, such as tokens in an answer, checked and ready to be sampled; at most a billion.
///
/// Written like a [`Latency`](crate::Latency), with bare numbers for durations: `200`, `{ p50 = 117, p95 = 500 }`,
/// `{ between = [10, 20] }` (both ends included). Samples are rounded to the nearest whole number.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Amount {
    law: Law,
}

impl Amount {
    /// Always `count`; more than a billion counts as a billion.
    pub fn constant(count: u64) -> Self {
        Self { law: Law::constant((count as f64).min(COUNT_MAX)) }
    }

    /// One count, drawn with `rng`.
    pub fn sample(&self, rng: &mut Rng) -> u64 {
        self.law.sample(rng).clamp(0.0, COUNT_MAX).round() as u64
    }

    /// The count itself, where it is always the same.
    pub fn fixed(&self) -> Option<u64> {
        self.law.fixed().map(|count| count.round() as u64)
    }

    /// The mean of the law, before rounding.
    pub fn mean(&self) -> f64 {
        self.law.mean().min(COUNT_MAX)
    }
}

impl TryFrom<Raw> for Amount {
    type Error = DistributionError;

    fn try_from(raw: Raw) -> Result<Self, DistributionError> {
        Ok(Self { law: check::law(&raw, Unit::Count)? })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn only_a_constant_is_fixed() {
        let written = "a = 7\nc = { p50 = 7, p95 = 9 }";
        let amounts: BTreeMap<String, Amount> = toml::from_str(written).unwrap();
        assert_eq!(amounts["a"].fixed(), Some(7));
        assert_eq!(amounts["c"].fixed(), None);
        assert_eq!(Amount::constant(u64::MAX).fixed(), Some(1_000_000_000));
    }
}
