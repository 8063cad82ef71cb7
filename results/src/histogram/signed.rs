//! Differences of two durations, which may have either sign.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Histogram;
use super::plain::samples_needed;

/// Signed differences in microseconds, kept as two histograms so that no sign is lost.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHistogram {
    /// The absolute values of the negative differences.
    pub below: Histogram,
    /// The differences of zero or more.
    pub above: Histogram,
}

impl SignedHistogram {
    /// Adds `observed − reported`.
    pub fn record(&mut self, observed: Duration, reported: Duration) {
        match observed.checked_sub(reported) {
            Some(difference) => self.above.record(difference),
            None => self.below.record(reported - observed),
        }
    }

    /// Adds every sample of another one.
    pub fn merge(&mut self, other: &SignedHistogram) {
        self.below.merge(&other.below);
        self.above.merge(&other.above);
    }

    /// Returns the number of samples.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.below.count() + self.above.count()
    }

    /// The mean, in microseconds.
    #[must_use]
    pub fn mean_us(&self) -> Option<f64> {
        let sum =
            |side: &Histogram| side.mean().map_or(0.0, |mean| mean.as_secs_f64() * 1e6 * side.count() as f64);
        (self.count() > 0).then(|| (sum(&self.above) - sum(&self.below)) / self.count() as f64)
    }

    /// Returns the difference that the share `q` of the samples does not exceed, in microseconds; `None` if
    /// [`Histogram::quantile`] returns `None` for this number of samples.
    #[must_use]
    pub fn quantile_us(&self, q: f64) -> Option<f64> {
        let count = self.count();
        if count < samples_needed(q) {
            return None;
        }
        let below = self.below.count();
        let rank = ((q * count as f64).ceil() as u64).clamp(1, count);
        // Rank r among the negative ones, counted from zero downwards, is rank (below − r + 1) of their distances.
        let (side, rank, sign) = if rank <= below {
            (&self.below, below - rank + 1, -1.0)
        } else {
            (&self.above, rank - below, 1.0)
        };
        // Half a rank back, so that rounding cannot reach the next rank.
        let value = side.value_at((rank as f64 - 0.5) / side.count() as f64)?;
        Some(sign * value.as_secs_f64() * 1e6)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[i64]) -> SignedHistogram {
        let base = Duration::from_secs(10);
        let mut signed = SignedHistogram::default();
        for &us in values {
            let observed = if us < 0 {
                base - Duration::from_micros(us.unsigned_abs())
            } else {
                base + Duration::from_micros(us.unsigned_abs())
            };
            signed.record(observed, base);
        }
        signed
    }

    #[test]
    fn quantile_of_negative_differences_keeps_the_sign() {
        let signed = of(&[-30, -20, 10, 40]);
        assert_eq!(signed.quantile_us(0.25), Some(-30.0));
        assert_eq!(signed.quantile_us(0.5), Some(-20.0));
        assert_eq!(signed.quantile_us(0.75), Some(10.0));
        assert_eq!(signed.quantile_us(1.0), Some(40.0));
        assert_eq!(signed.mean_us(), Some(0.0));
        assert_eq!(SignedHistogram::default().quantile_us(0.5), None);
    }

    proptest! {
        #[test]
        fn quantile_equals_that_of_the_sorted_list(
            mut values in proptest::collection::vec(-1_000_i64..1_000, 1..60),
            q in 0.0..0.98_f64,
        ) {
            let found = of(&values).quantile_us(q).unwrap();
            values.sort_unstable();
            let rank = ((q * values.len() as f64).ceil() as usize).clamp(1, values.len());
            prop_assert!((found - values[rank - 1] as f64).abs() < 0.5, "{} in {:?}", found, values);
        }
    }
}
