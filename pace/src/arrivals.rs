//! When the requests of an open loop start, whatever becomes of the earlier ones.

use std::time::Duration;

use rand::distr::Distribution;
use rand_distr::{Exp1, Gamma};
use thiserror::Error;

use crate::seed::{Rng, Seed};
use crate::text::Rate;

/// The law of the gaps between arrivals. The mean gap is that of the rate in every kind.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum ArrivalKind {
    /// Equal gaps: the first arrival at 0, the i-th at `i / rate`.
    Constant,
    /// Exponential gaps: arrivals that know nothing of each other.
    Poisson,
    /// Gamma gaps: more even than Poisson below a `cv` of one, in bursts above.
    Gamma {
        /// Standard deviation of a gap over its mean, from 0.01 to 100. Tools that ask for a *burstiness* `b`
        /// mean the shape of the gamma law: `cv = 1 / sqrt(b)`.
        cv: f64,
    },
}

/// Why an arrival process cannot be had.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ArrivalsError {
    /// The spread of the gaps is out of range.
    #[error("cv: {cv} is out of range; a number from {CV_MIN} to {CV_MAX} is needed")]
    Spread {
        /// What was given.
        cv: f64,
    },
}

/// Outside of these a gamma law is a constant or all but a few gaps are zero.
const CV_MIN: f64 = 0.01;
const CV_MAX: f64 = 100.0;

/// The instants of an arrival process, one after another, without end.
#[derive(Clone, Debug)]
pub struct Arrivals {
    gaps: Gaps,
    mean_gap_s: f64,
    rng: Rng,
}

#[derive(Clone, Debug)]
enum Gaps {
    Constant { rate: Rate, arrived: u64 },
    // The sum of relative gaps, in mean gaps: a float here is exact to a nanosecond for years.
    Poisson { sum: f64 },
    Gamma { law: Gamma<f64>, sum: f64 },
}

impl Arrivals {
    /// A process of `kind` with the mean `rate`; the same seed gives the same instants.
    ///
    /// # Errors
    /// [`ArrivalsError::Spread`] when a gamma law's `cv` is out of range.
    pub fn new(rate: Rate, kind: ArrivalKind, seed: Seed) -> Result<Self, ArrivalsError> {
        let gaps = match kind {
            ArrivalKind::Constant => Gaps::Constant { rate, arrived: 0 },
            ArrivalKind::Poisson => Gaps::Poisson { sum: 0.0 },
            ArrivalKind::Gamma { cv } if (CV_MIN..=CV_MAX).contains(&cv) => {
                let shape = 1.0 / (cv * cv);
                let law = Gamma::new(shape, 1.0 / shape).map_err(|_| ArrivalsError::Spread { cv })?;
                Gaps::Gamma { law, sum: 0.0 }
            }
            ArrivalKind::Gamma { cv } => return Err(ArrivalsError::Spread { cv }),
        };
        Ok(Self { gaps, mean_gap_s: 1.0 / rate.per_second(), rng: seed.rng() })
    }

    /// The next arrival, as its distance from the start of the process; never before the one before.
    ///
    /// Offsets are absolute: a caller that was late for one is not late for the next. Those of
    /// [`ArrivalKind::Constant`] are each computed afresh, so no rounding adds up.
    pub fn next_offset(&mut self) -> Duration {
        let offset_s = match &mut self.gaps {
            Gaps::Constant { rate, arrived } => {
                let offset_s = *arrived as f64 * rate.period().as_secs_f64() / rate.amount();
                *arrived += 1;
                offset_s
            }
            Gaps::Poisson { sum } => {
                let gap: f64 = Exp1.sample(&mut self.rng);
                *sum += gap;
                *sum * self.mean_gap_s
            }
            Gaps::Gamma { law, sum } => {
                *sum += law.sample(&mut self.rng);
                *sum * self.mean_gap_s
            }
        };
        Duration::try_from_secs_f64(offset_s).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn offsets(rate: &str, kind: ArrivalKind, seed: u64) -> impl Iterator<Item = Duration> {
        let mut arrivals = Arrivals::new(rate.parse().unwrap(), kind, Seed::new(seed)).unwrap();
        std::iter::repeat_with(move || arrivals.next_offset())
    }

    /// Mean and coefficient of variation of the gaps, in seconds.
    fn gaps(rate: &str, kind: ArrivalKind) -> (f64, f64) {
        const COUNT: usize = 100_000;
        let offsets: Vec<_> =
            offsets(rate, kind, 7).take(COUNT + 1).map(|offset| offset.as_secs_f64()).collect();
        let gaps: Vec<_> = offsets.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / COUNT as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / COUNT as f64;
        (mean, variance.sqrt() / mean)
    }

    #[test]
    fn a_constant_rate_does_not_drift() {
        // A third of a second is no float and no whole number of nanoseconds.
        let offsets: Vec<_> = offsets("3/s", ArrivalKind::Constant, 1).take(3_000_001).collect();
        assert_eq!(offsets[0], Duration::ZERO);
        assert_eq!(offsets[1], Duration::from_nanos(333_333_333));
        assert_eq!(offsets[3_000_000], Duration::from_secs(1_000_000));
    }

    #[test]
    fn gaps_have_the_mean_and_the_spread_that_were_asked_for() {
        // A mean of n gaps is off by cv/sqrt(n) and a spread by less than 3 % here: four such errors are allowed.
        for (kind, cv) in [
            (ArrivalKind::Poisson, 1.0),
            (ArrivalKind::Gamma { cv: 0.25 }, 0.25),
            (ArrivalKind::Gamma { cv: 2.0 }, 2.0),
        ] {
            let (mean, spread) = gaps("500/min", kind);
            assert!((mean / 0.12 - 1.0).abs() < 4.0 * cv / 100_000_f64.sqrt(), "{kind:?}: mean gap {mean}");
            assert!((spread / cv - 1.0).abs() < 0.04, "{kind:?}: spread {spread}");
        }
    }

    #[test]
    fn a_spread_out_of_range_is_refused() {
        let rate = "1/s".parse().unwrap();
        let said = [0.0, -1.0, f64::NAN, 1e6]
            .map(|cv| Arrivals::new(rate, ArrivalKind::Gamma { cv }, Seed::new(1)).unwrap_err().to_string());
        insta::assert_snapshot!(said.join("\n"), @"
        cv: 0 is out of range; a number from 0.01 to 100 is needed
        cv: -1 is out of range; a number from 0.01 to 100 is needed
        cv: NaN is out of range; a number from 0.01 to 100 is needed
        cv: 1000000 is out of range; a number from 0.01 to 100 is needed
        ");
    }

    proptest! {
        #[test]
        fn arrivals_never_go_back_and_repeat_with_their_seed(seed: u64, cv in 0.01_f64..100.0) {
            for kind in [ArrivalKind::Constant, ArrivalKind::Poisson, ArrivalKind::Gamma { cv }] {
                let first: Vec<_> = offsets("200/s", kind, seed).take(200).collect();
                prop_assert!(first.is_sorted());
                prop_assert!(first.iter().copied().eq(offsets("200/s", kind, seed).take(200)));
            }
        }
    }
}
