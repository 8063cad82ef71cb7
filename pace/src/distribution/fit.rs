//! Parameters of distributions from percentiles and moments.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The supported percentiles and their quantiles of the standard normal distribution.
pub(super) const PERCENTILES: [(&str, f64); 4] = [
    ("p50", 0.0),
    ("p90", 1.281_551_565_544_600_4),
    ("p95", 1.644_853_626_951_472_7),
    ("p99", 2.326_347_874_040_840_8),
];

/// The parameters of a log-normal distribution: mean and standard deviation of the logarithm.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct LogParameters {
    pub(super) mu: f64,
    pub(super) sigma: f64,
}

impl LogParameters {
    /// The log-normal distribution through two points `(z, value)`, the first with the smaller `z`.
    pub(super) fn through((z_low, low): (f64, f64), (z_high, high): (f64, f64)) -> Self {
        let sigma = (high / low).ln() / (z_high - z_low);
        Self { mu: low.ln() - sigma * z_low, sigma }
    }

    /// The log-normal distribution with this mean and coefficient of variation.
    pub(super) fn with_moments(mean: f64, cv: f64) -> Self {
        let variance = (cv * cv).ln_1p();
        Self { mu: mean.ln() - variance / 2.0, sigma: variance.sqrt() }
    }

    pub(super) fn mean(self) -> f64 {
        (self.mu + self.sigma * self.sigma / 2.0).exp()
    }
}

/// The mean of a normal distribution truncated below `min`.
pub(super) fn mean_above(mean: f64, sd: f64, min: f64) -> f64 {
    if sd == 0.0 {
        return mean;
    }
    let cut = (min - mean) / sd;
    mean + sd * standard_normal_density(cut) / (1.0 - standard_normal_cdf(cut))
}

/// The density of the standard normal distribution.
fn standard_normal_density(z: f64) -> f64 {
    (-z * z / 2.0).exp() * FRAC_1_SQRT_2 / PI.sqrt()
}

/// The cumulative distribution function of the standard normal distribution, exact to 15 decimals: the series of Marsaglia, "Evaluating the normal
/// distribution" (2004).
pub(super) fn standard_normal_cdf(z: f64) -> f64 {
    /// Beyond this, an `f64` cannot distinguish the result from 0 or 1.
    const Z_MAX: f64 = 8.0;
    /// The series converges earlier for any `z` up to [`Z_MAX`].
    const TERMS_MAX: u16 = 200;

    if z.abs() >= Z_MAX {
        return if z > 0.0 { 1.0 } else { 0.0 };
    }
    let (mut term, mut sum) = (z, z);
    for n in 1..TERMS_MAX {
        term *= z * z / f64::from(2 * n + 1);
        sum += term;
    }
    0.5 + sum * standard_normal_density(z)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn standard_normal_cdf_matches_percentiles() {
        for (share, (_, z)) in [0.5, 0.9, 0.95, 0.99].into_iter().zip(PERCENTILES) {
            assert!((standard_normal_cdf(z) - share).abs() < 1e-15, "{share}");
            assert!((standard_normal_cdf(-z) - (1.0 - share)).abs() < 1e-15, "{share}");
        }
        assert_eq!((standard_normal_cdf(-40.0), standard_normal_cdf(40.0)), (0.0, 1.0));
    }

    #[test]
    fn mean_above_mean_is_half_normal_mean() {
        assert!((mean_above(10.0, 3.0, 10.0) - (10.0 + 3.0 * (2.0 / PI).sqrt())).abs() < 1e-12);
        assert_eq!(mean_above(10.0, 1.0, 0.0), 10.0, "nothing to cut");
        assert_eq!(mean_above(10.0, 0.0, 0.0), 10.0);
    }

    proptest! {
        #[test]
        fn log_normal_passes_through_both_points(
            low in 1.0_f64..1e12,
            factor in 1.0_f64..30.0,
            points in prop::sample::subsequence(PERCENTILES.to_vec(), 2),
        ) {
            let (z_low, z_high, high) = (points[0].1, points[1].1, low * factor);
            let LogParameters { mu, sigma } = LogParameters::through((z_low, low), (z_high, high));
            prop_assert!(((mu + sigma * z_low).exp() / low - 1.0).abs() < 1e-9);
            prop_assert!(((mu + sigma * z_high).exp() / high - 1.0).abs() < 1e-9);
        }

        #[test]
        fn log_normal_has_mean_and_spread(mean in 1.0_f64..1e12, cv in 0.0_f64..10.0) {
            let law = LogParameters::with_moments(mean, cv);
            prop_assert!((law.mean() / mean - 1.0).abs() < 1e-9);
            prop_assert!(((law.sigma.powi(2).exp_m1()).sqrt() - cv).abs() < 1e-9 * (1.0 + cv));
        }
    }
}
