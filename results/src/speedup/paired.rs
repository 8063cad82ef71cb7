//! Statistics of the ratios of paired blocks.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::student;

/// The share of intervals that contain the true ratio.
pub(super) const CONFIDENCE: f64 = 0.95;
/// The probability of detecting an existing effect when the number of blocks is planned for it.
pub(super) const POWER: f64 = 0.80;
/// The maximum number of pairs of a plan.
pub const PAIRS_MAX: u32 = 1_000;

/// The 95 % paired t-interval of a ratio, taken on the log ratios of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RatioInterval {
    /// The lower end of the 95 % interval.
    pub low: f64,
    /// The upper end of the 95 % interval.
    pub high: f64,
}

impl RatioInterval {
    /// Returns on which side of one the interval lies.
    pub fn verdict(self) -> SpeedupVerdict {
        if self.low > 1.0 {
            SpeedupVerdict::Faster
        } else if self.high < 1.0 {
            SpeedupVerdict::Slower
        } else {
            SpeedupVerdict::Undecided
        }
    }
}

/// The conclusion from an interval. `Undecided` means "no difference shown", not "equal".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpeedupVerdict {
    /// The whole interval lies above one.
    Faster,
    /// The whole interval lies below one.
    Slower,
    /// The interval contains one, or there were too few pairs for an interval.
    Undecided,
}

/// Mean and deviation of the log ratios of the pairs: on the log scale, a ratio and its inverse weigh the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Paired {
    count: u32,
    mean_log: f64,
    sd_log: Option<f64>,
}

impl Paired {
    /// Returns `None` unless there is at least one ratio and all are finite and above zero.
    pub(super) fn from_ratios(ratios: &[f64]) -> Option<Self> {
        if ratios.is_empty() || ratios.iter().any(|ratio| !(ratio.is_finite() && *ratio > 0.0)) {
            return None;
        }
        let count = u32::try_from(ratios.len()).ok()?;
        let n = f64::from(count);
        let mean_log = ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / n;
        let squares = ratios.iter().map(|ratio| (ratio.ln() - mean_log).powi(2)).sum::<f64>();
        let sd_log = (count > 1).then(|| (squares / (n - 1.0)).sqrt());
        Some(Self { count, mean_log, sd_log })
    }

    /// The geometric mean of the ratios.
    pub(super) fn ratio(self) -> f64 {
        self.mean_log.exp()
    }

    pub(super) fn interval(self) -> Option<RatioInterval> {
        let degrees = NonZeroU32::new(self.count.checked_sub(1)?)?;
        let half = student::two_sided(CONFIDENCE, degrees) * self.sd_log? / f64::from(self.count).sqrt();
        Some(RatioInterval { low: (self.mean_log - half).exp(), high: (self.mean_log + half).exp() })
    }

    /// Returns the number of pairs that would show a change by `effect` (0.05: five per cent) with [`POWER`],
    /// if the spread stays the same. `None` above [`PAIRS_MAX`], or if the spread is unknown.
    pub(super) fn pairs_needed(self, effect: f64) -> Option<u32> {
        let sd = self.sd_log?;
        let shift = effect.ln_1p().abs();
        (2..=PAIRS_MAX).find(|&pairs| {
            let Some(degrees) = NonZeroU32::new(pairs - 1) else { return false };
            // The t of a one-sided probability p is the two-sided one of 2p − 1.
            let t_sum =
                student::two_sided(CONFIDENCE, degrees) + student::two_sided(2.0 * POWER - 1.0, degrees);
            t_sum * sd / f64::from(pairs).sqrt() <= shift
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::Rng as _;
    use weir_pace::Seed;

    use super::*;

    #[test]
    fn interval_of_known_ratios_matches_hand_calculation() {
        // Logs 0.9, 1.0, 1.1, 1.2: mean 1.05, sd 0.129 099, t(3) = 3.182 446, half width 0.205 427.
        let ratios = [0.9_f64, 1.0, 1.1, 1.2].map(f64::exp);
        let paired = Paired::from_ratios(&ratios).unwrap();
        let interval = paired.interval().unwrap();
        assert!((paired.ratio() - 1.05_f64.exp()).abs() < 1e-9);
        assert!((interval.low.ln() - 0.844_573).abs() < 1e-5, "{interval:?}");
        assert!((interval.high.ln() - 1.255_427).abs() < 1e-5, "{interval:?}");
    }

    #[test]
    fn interval_of_one_pair_is_none() {
        let paired = Paired::from_ratios(&[2.0]).unwrap();
        assert!((paired.ratio() - 2.0).abs() < 1e-12);
        assert_eq!(paired.interval(), None);
        assert_eq!(paired.pairs_needed(0.05), None);
    }

    #[test]
    fn from_ratios_without_logarithm_is_none() {
        for ratios in [&[][..], &[1.0, 0.0], &[f64::NAN], &[f64::INFINITY], &[-1.0]] {
            assert_eq!(Paired::from_ratios(ratios), None, "{ratios:?}");
        }
    }

    #[test]
    fn verdict_depends_on_the_side_of_one() {
        assert_eq!(RatioInterval { low: 1.1, high: 1.3 }.verdict(), SpeedupVerdict::Faster);
        assert_eq!(RatioInterval { low: 0.7, high: 0.9 }.verdict(), SpeedupVerdict::Slower);
        assert_eq!(RatioInterval { low: 0.9, high: 1.1 }.verdict(), SpeedupVerdict::Undecided);
    }

    #[test]
    fn pairs_needed_with_larger_spread_grows() {
        let of_sd = |sd: f64| Paired { count: 8, mean_log: 0.0, sd_log: Some(sd) }.pairs_needed(0.05);
        assert_eq!(of_sd(0.0), Some(2));
        // Normal approximation: (1.96 + 0.84)² (0.05 / ln 1.05)² = 8.2; t needs a little more.
        assert_eq!(of_sd(0.05), Some(11));
        assert_eq!(of_sd(10.0), None);
    }

    /// The interval contains the true ratio about as often as claimed, also with few pairs.
    #[test]
    fn interval_covers_the_true_ratio() {
        let mut rng = Seed::new(7).rng();
        // The sum of twelve uniform values is normal enough, with variance one.
        let mut normal = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        let held = (0..2_000)
            .filter(|_| {
                let ratios: Vec<f64> = (0..4).map(|_| (0.7 + 0.1 * normal()).exp()).collect();
                let interval = Paired::from_ratios(&ratios).unwrap().interval().unwrap();
                interval.low < 0.7_f64.exp() && 0.7_f64.exp() < interval.high
            })
            .count();
        assert!((1_860..=1_940).contains(&held), "{held} of 2000 intervals held the true ratio");
    }

    proptest! {
        #[test]
        fn interval_of_swapped_arms_is_inverted(ratios in prop::collection::vec(0.1_f64..10.0, 2..20)) {
            let inverse: Vec<f64> = ratios.iter().map(|ratio| 1.0 / ratio).collect();
            let one = Paired::from_ratios(&ratios).unwrap();
            let other = Paired::from_ratios(&inverse).unwrap();
            let (a, b) = (one.interval().unwrap(), other.interval().unwrap());
            prop_assert!((one.ratio() * other.ratio() - 1.0).abs() < 1e-9);
            prop_assert!((a.low * b.high - 1.0).abs() < 1e-9);
            prop_assert!(a.low <= one.ratio() && one.ratio() <= a.high);
        }
    }
}
