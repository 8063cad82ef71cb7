//! Units of distributions: time or counts.

use super::error::DistributionProblem as Problem;
use super::raw::RawValue;
use crate::text::duration_text;

/// The unit of the values of a distribution.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Nanoseconds, written as a string with a unit.
    Time,
    /// Counts, written as a plain number.
    Count,
}

/// A day: longer than any client waits, and an `f64` represents each of its nanoseconds exactly.
pub(super) const TIME_MAX_NS: f64 = 86_400e9;
/// More tokens than any response has, exactly represented by an `f64`.
pub(super) const COUNT_MAX: f64 = 1e9;

impl Unit {
    /// The largest valid value.
    pub(super) const fn max(self) -> f64 {
        match self {
            Self::Time => TIME_MAX_NS,
            Self::Count => COUNT_MAX,
        }
    }

    /// The name of the unit in error messages.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Time => "a duration",
            Self::Count => "a number",
        }
    }

    /// Parses a value from zero to [`max`](Self::max).
    pub(super) fn value(self, raw: &RawValue) -> Result<f64, Problem> {
        let value = match (self, raw) {
            (Self::Time, RawValue::Text(text)) => duration_text::parse(text)?.as_nanos() as f64,
            // The same error as for the digits in quotes: the unit is missing.
            (Self::Time, RawValue::Number(number)) => {
                duration_text::parse(&number.to_string())?.as_nanos() as f64
            }
            (Self::Count, RawValue::Number(number)) if *number < 0.0 => {
                return Err(Problem::Negative { found: *number });
            }
            (Self::Count, RawValue::Number(number)) => *number,
            (Self::Time, RawValue::Other(_) | RawValue::List(_) | RawValue::Table(_)) => {
                return Err(Problem::WrongType {
                    found: raw.describe(),
                    needed: "a duration such as \"250ms\"",
                });
            }
            (
                Self::Count,
                RawValue::Text(_) | RawValue::Other(_) | RawValue::List(_) | RawValue::Table(_),
            ) => {
                return Err(Problem::WrongType { found: raw.describe(), needed: "a number without quotes" });
            }
        };
        if value <= self.max() {
            return Ok(value);
        }
        Err(Problem::OutOfRange {
            found: self.write(value),
            needed: format!("{} or less", self.write(self.max())),
        })
    }

    /// Formats a value as in a file.
    pub(super) fn write(self, value: f64) -> String {
        match self {
            Self::Time => duration_text::format(std::time::Duration::from_nanos(value.round() as u64)),
            Self::Count => value.to_string(),
        }
    }
}
