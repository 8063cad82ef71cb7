//! Arrival processes, independent of their rate.

use rand::distr::Distribution;
use rand_distr::{Exp1, Gamma};
use thiserror::Error;

use crate::seed::{Rng, Seed};

/// The distribution of the gaps between arrivals. Every kind has the mean of the rate.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum ArrivalKind {
    /// Equal gaps; the first arrival is at time 0.
    Constant,
    /// Exponential gaps: independent arrivals.
    Poisson,
    /// Gamma gaps: more regular than Poisson for a `cv` below 1, bursty above.
    Gamma {
        /// The coefficient of variation of a gap, from 0.01 to 100. The *burstiness* `b` of other tools is the shape of the
        /// gamma distribution: `cv = 1 / sqrt(b)`.
        cv: f64,
    },
}

/// Why an arrival process cannot be created.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ArrivalsError {
    /// The coefficient of variation is out of range.
    #[error("cv: {cv} is out of range: expected a number from {CV_MIN} to {CV_MAX}")]
    Spread {
        /// The given value.
        cv: f64,
    },
}

/// Outside of this range, a gamma distribution is practically constant, or nearly all gaps are zero.
const CV_MIN: f64 = 0.01;
const CV_MAX: f64 = 100.0;

/// An endless arrival process.
///
/// It yields each arrival in operational time: the expected number of arrivals until then. The i-th of
/// [`ArrivalKind::Constant`] is at i, the others vary around it. The rate, which may change over time, maps it to an
/// instant: see [`Curve::time_of_area`](crate::Curve::time_of_area).
#[derive(Clone, Debug)]
pub struct Arrivals {
    gaps: Gaps,
    /// The operational time of the next arrival.
    next: f64,
    rng: Rng,
}

#[derive(Clone, Debug)]
enum Gaps {
    Constant,
    Poisson,
    Gamma(Gamma<f64>),
}

impl Arrivals {
    /// Creates a process of `kind`; the same seed yields the same arrivals.
    ///
    /// # Errors
    /// [`ArrivalsError::Spread`] if the `cv` of a gamma process is out of range.
    pub fn new(kind: ArrivalKind, seed: Seed) -> Result<Self, ArrivalsError> {
        let gaps = match kind {
            ArrivalKind::Constant => Gaps::Constant,
            ArrivalKind::Poisson => Gaps::Poisson,
            ArrivalKind::Gamma { cv } if (CV_MIN..=CV_MAX).contains(&cv) => {
                let shape = 1.0 / (cv * cv);
                Gaps::Gamma(Gamma::new(shape, 1.0 / shape).map_err(|_| ArrivalsError::Spread { cv })?)
            }
            ArrivalKind::Gamma { cv } => return Err(ArrivalsError::Spread { cv }),
        };
        let mut arrivals = Self { gaps, next: 0.0, rng: seed.rng() };
        if !matches!(arrivals.gaps, Gaps::Constant) {
            arrivals.next = arrivals.gap();
        }
        Ok(arrivals)
    }

    /// Returns the operational time of the next arrival: the expected number of arrivals until then. Never decreases.
    ///
    /// The value is absolute: a caller that was late for one arrival is not late for the next. The sum is exact for constant
    /// gaps, and accurate to a nanosecond for years for the others.
    pub fn next_operational_time(&mut self) -> f64 {
        let next = self.next;
        self.next += self.gap();
        next
    }

    /// Draws the next gap, in units of the mean gap.
    fn gap(&mut self) -> f64 {
        match &self.gaps {
            Gaps::Constant => 1.0,
            Gaps::Poisson => Exp1.sample(&mut self.rng),
            Gaps::Gamma(law) => law.sample(&mut self.rng),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::{Curve, Rate};

    /// The arrivals along a curve of the rate.
    fn offsets(curve: Curve, kind: ArrivalKind, seed: u64) -> impl Iterator<Item = Duration> {
        let mut arrivals = Arrivals::new(kind, Seed::new(seed)).unwrap();
        std::iter::from_fn(move || curve.time_of_area(arrivals.next_operational_time()))
    }

    /// Mean and coefficient of variation of the gaps, in seconds.
    fn gaps(rate: f64, kind: ArrivalKind) -> (f64, f64) {
        const COUNT: usize = 100_000;
        let offsets: Vec<_> = offsets(Curve::constant(rate), kind, 7)
            .take(COUNT + 1)
            .map(|offset| offset.as_secs_f64())
            .collect();
        let gaps: Vec<_> = offsets.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / COUNT as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / COUNT as f64;
        (mean, variance.sqrt() / mean)
    }

    #[test]
    fn constant_arrivals_do_not_drift() {
        // A third of a second is neither an exact float nor a whole number of nanoseconds.
        let thirds: Vec<_> =
            offsets(Curve::constant(3.0), ArrivalKind::Constant, 1).take(3_000_001).collect();
        assert_eq!(thirds[0], Duration::ZERO);
        assert_eq!(thirds[1], Duration::from_nanos(333_333_333));
        assert_eq!(thirds[3_000_000], Duration::from_secs(1_000_000));
        let rate: Rate = "500/min".parse().unwrap();
        let per_minute = offsets(Curve::constant(rate.per_second()), ArrivalKind::Constant, 1).nth(5_000_000);
        assert_eq!(per_minute, Some(Duration::from_secs(600_000)));
    }

    #[test]
    fn arrivals_follow_changing_rate() {
        let second = Duration::from_secs;
        let curve = Curve::constant(0.0).ramp(100.0, second(10)).hold(second(10)).ramp(0.0, second(10));
        for (kind, cv) in
            [(ArrivalKind::Constant, 0.0), (ArrivalKind::Poisson, 1.0), (ArrivalKind::Gamma { cv: 0.5 }, 0.5)]
        {
            let arrivals: Vec<_> = offsets(curve.clone(), kind, 5).collect();
            for until in [5, 10, 17, 20, 26, 30].map(second) {
                let came = arrivals.iter().filter(|&&offset| offset <= until).count() as f64;
                let due = curve.area_until(until);
                // The standard error of the number of arrivals is cv · sqrt(n): four of them are allowed.
                let allowed = 1.0 + 4.0 * cv * due.sqrt();
                assert!((came - due).abs() <= allowed, "{kind:?}: {came} instead of {due} in {until:?}");
            }
        }
    }

    #[test]
    fn gaps_have_configured_mean_and_spread() {
        // The standard error of the mean is cv / sqrt(n); that of the spread is below 3 % here. Four of them are allowed.
        for (kind, cv) in [
            (ArrivalKind::Poisson, 1.0),
            (ArrivalKind::Gamma { cv: 0.25 }, 0.25),
            (ArrivalKind::Gamma { cv: 2.0 }, 2.0),
        ] {
            let (mean, spread) = gaps(25.0 / 3.0, kind);
            assert!((mean / 0.12 - 1.0).abs() < 4.0 * cv / 100_000_f64.sqrt(), "{kind:?}: mean gap {mean}");
            assert!((spread / cv - 1.0).abs() < 0.04, "{kind:?}: spread {spread}");
        }
    }

    #[test]
    fn a_spread_out_of_range_is_refused() {
        let errors = [0.0, -1.0, f64::NAN, 1e6]
            .map(|cv| Arrivals::new(ArrivalKind::Gamma { cv }, Seed::new(1)).unwrap_err().to_string());
        insta::assert_snapshot!(errors.join("\n"), @"
        cv: 0 is out of range: expected a number from 0.01 to 100
        cv: -1 is out of range: expected a number from 0.01 to 100
        cv: NaN is out of range: expected a number from 0.01 to 100
        cv: 1000000 is out of range: expected a number from 0.01 to 100
        ");
    }

    proptest! {
        #[test]
        fn arrivals_never_go_back_and_repeat_with_their_seed(seed: u64, cv in 0.01_f64..100.0) {
            for kind in [ArrivalKind::Constant, ArrivalKind::Poisson, ArrivalKind::Gamma { cv }] {
                let first: Vec<_> = offsets(Curve::constant(200.0), kind, seed).take(200).collect();
                prop_assert!(first.is_sorted());
                prop_assert!(first.iter().copied().eq(offsets(Curve::constant(200.0), kind, seed).take(200)));
            }
        }
    }
}
