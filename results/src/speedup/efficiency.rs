//! The efficiency of a speedup in words.

use crate::units;

/// Formats a speedup as a share of the ideal one, which no run can exceed. The speedup compares different runs with each
/// other, so that their noise can put it above; then that is written.
#[must_use]
pub fn efficiency_in_words(efficiency: f64) -> String {
    /// Up to here, the share is 100 % when it is rounded.
    const ROUNDED: f64 = 1.000_5;
    if efficiency < ROUNDED {
        return units::percent(efficiency);
    }
    format!("100 % (measured {} above the ideal: noise)", units::percent(efficiency - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn efficiency_above_the_ideal_is_called_noise() {
        assert_eq!(efficiency_in_words(0.99), "99.0 %");
        assert_eq!(efficiency_in_words(1.000_2), "100 %");
        assert_eq!(efficiency_in_words(1.02), "100 % (measured 2.00 % above the ideal: noise)");
    }
}
