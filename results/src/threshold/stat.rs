//! Statistics of a distribution.

use std::fmt;

use crate::histogram::{Histogram, samples_needed};
use crate::units::to_ms;

/// Thousandths of a percent in the whole.
const WHOLE: u32 = 100_000;

/// One value of a distribution.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stat {
    /// A percentile in thousandths of a percent: 99 900 is p99.9.
    Percentile(u32),
    Mean,
    Min,
    Max,
}

/// Why a word is not a statistic.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum StatError {
    /// `p0`, `p100` and beyond.
    OutOfRange,
    /// More than three decimals, or not a percentile at all.
    Unknown,
}

/// The names of statistics, and some percentiles, for suggestions.
pub(super) const KNOWN: [&str; 12] =
    ["p50", "p75", "p90", "p95", "p99", "p99.9", "p99.99", "med", "mean", "avg", "min", "max"];

impl Stat {
    pub(super) fn parse(word: &str) -> Result<Self, StatError> {
        match word {
            "mean" | "avg" => Ok(Self::Mean),
            "med" => Ok(Self::Percentile(WHOLE / 2)),
            "min" => Ok(Self::Min),
            "max" => Ok(Self::Max),
            _ => percentile(word.strip_prefix('p').ok_or(StatError::Unknown)?),
        }
    }

    /// Returns the value in milliseconds; fails with the number of samples needed.
    pub(crate) fn of(self, histogram: &Histogram) -> Result<f64, u64> {
        let value = match self {
            Self::Percentile(thousandths) => {
                let share = f64::from(thousandths) / f64::from(WHOLE);
                histogram.quantile(share).ok_or_else(|| samples_needed(share))
            }
            Self::Mean => histogram.mean().ok_or(1),
            Self::Min => histogram.min().ok_or(1),
            Self::Max => histogram.max().ok_or(1),
        };
        value.map(to_ms)
    }
}

/// `95` and `99.9`.
fn percentile(number: &str) -> Result<Stat, StatError> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(decimals) || decimals.len() > 3 {
        return Err(StatError::Unknown);
    }
    let whole: u32 = whole.parse().map_err(|_| StatError::OutOfRange)?;
    let thousandths: u32 = format!("{decimals:0<3}").parse().map_err(|_| StatError::OutOfRange)?;
    let sum = whole.checked_mul(WHOLE / 100).and_then(|whole| whole.checked_add(thousandths));
    sum.filter(|sum| (1..WHOLE).contains(sum)).map(Stat::Percentile).ok_or(StatError::OutOfRange)
}

impl fmt::Display for Stat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percentile(thousandths) => write!(f, "p{}", f64::from(*thousandths) / 1e3),
            Self::Mean => f.write_str("mean"),
            Self::Min => f.write_str("min"),
            Self::Max => f.write_str("max"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn parse_percentile_accepts_three_decimals() {
        for (word, shown) in [("p50", "p50"), ("med", "p50"), ("p99.90", "p99.9"), ("p99.999", "p99.999")] {
            assert_eq!(Stat::parse(word).map(|stat| stat.to_string()).as_deref(), Ok(shown));
        }
        for word in ["p0", "p100", "p0.000", "p99999999999"] {
            assert_eq!(Stat::parse(word), Err(StatError::OutOfRange), "{word}");
        }
        for word in ["p", "p9x", "p99.", "p.9", "p99.9999", "95", "median", ""] {
            assert_eq!(Stat::parse(word), Err(StatError::Unknown), "{word}");
        }
    }

    #[test]
    fn of_too_few_samples_returns_the_number_needed() {
        let mut histogram = Histogram::default();
        assert_eq!(Stat::Mean.of(&histogram), Err(1));
        (1..=99).for_each(|ms| histogram.record(Duration::from_millis(ms)));
        assert_eq!(Stat::parse("p99").map(|p99| p99.of(&histogram)), Ok(Err(100)));
        assert_eq!(Stat::parse("p99.9").map(|p999| p999.of(&histogram)), Ok(Err(1000)));
        assert_eq!(Stat::Min.of(&histogram), Ok(1.0));
        histogram.record(Duration::from_millis(100));
        assert!(Stat::parse("p99").unwrap().of(&histogram).is_ok());
    }
}
