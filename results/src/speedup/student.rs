//! Student's t distribution for whole degrees of freedom.
//!
//! Its probability within ±t is a finite sum (Abramowitz & Stegun, *Handbook of Mathematical
//! Functions*, 26.7.3 and 26.7.4), so no table and no approximation is needed.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};
use std::num::NonZeroU32;

/// Bisections of the searched angle (0 to π/2): below the spacing of `f64` from about 55 on.
const BISECTIONS: u32 = 60;

/// The `t` for which a t-distributed value lies within ±`t` with probability `within`.
///
/// `within` is limited to `0..=0.999_999`: no reported confidence is higher.
pub(super) fn two_sided(within: f64, degrees: NonZeroU32) -> f64 {
    let within = within.clamp(0.0, 0.999_999);
    let (mut low, mut high) = (0.0, FRAC_PI_2);
    for _ in 0..BISECTIONS {
        let middle = f64::midpoint(low, high);
        if probability_within(middle, degrees.get()) < within {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high).tan() * f64::from(degrees.get()).sqrt()
}

/// P(|T| ≤ t) where `angle` = atan(t / √degrees).
fn probability_within(angle: f64, degrees: u32) -> f64 {
    let (sin, cos) = angle.sin_cos();
    let cos_squared = cos * cos;
    if degrees % 2 == 1 {
        let mut term = cos;
        let mut sum = if degrees == 1 { 0.0 } else { cos };
        for n in (3..degrees).step_by(2) {
            term *= cos_squared * f64::from(n - 1) / f64::from(n);
            sum += term;
        }
        FRAC_2_PI * (angle + sin * sum)
    } else {
        let mut term = 1.0;
        let mut sum = 1.0;
        for n in (2..degrees).step_by(2) {
            term *= cos_squared * f64::from(n - 1) / f64::from(n);
            sum += term;
        }
        sin * sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed tables of the 97.5 % point, three decimals.
    #[test]
    fn two_sided_at_95_per_cent_agrees_with_printed_tables() {
        let table = [
            (1, 12.706),
            (2, 4.303),
            (3, 3.182),
            (4, 2.776),
            (5, 2.571),
            (7, 2.365),
            (10, 2.228),
            (15, 2.131),
            (30, 2.042),
            (60, 2.000),
            (120, 1.980),
        ];
        for (degrees, t) in table {
            let found = two_sided(0.95, NonZeroU32::new(degrees).unwrap());
            assert!((found - t).abs() < 0.0006, "{degrees} degrees: {found}, expected {t}");
        }
    }

    #[test]
    fn two_sided_at_other_levels_agrees_with_printed_tables() {
        for (within, degrees, t) in [(0.99, 9, 3.250), (0.90, 6, 1.943), (0.60, 7, 0.896), (0.60, 20, 0.860)]
        {
            let found = two_sided(within, NonZeroU32::new(degrees).unwrap());
            assert!((found - t).abs() < 0.0006, "{within} at {degrees}: {found}, expected {t}");
        }
    }

    #[test]
    fn two_sided_with_many_degrees_nears_the_normal_distribution() {
        let found = two_sided(0.95, NonZeroU32::new(100_000).unwrap());
        assert!((found - 1.959_99).abs() < 0.0005, "{found}");
    }
}
