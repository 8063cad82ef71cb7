//! What the figures of a distribution count: time or things.

use super::error::DistributionProblem as Problem;
use super::raw::Raw;
use crate::text::duration_text;

/// The unit of a distribution's figures.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Nanoseconds, written as text with a unit.
    Time,
    /// Whole things, written as a bare number.
    Count,
}

/// A day: longer than anything a client waits for, short enough for a float to hold each nanosecond.
pub(super) const TIME_MAX_NS: f64 = 86_400e9;
/// A billion: no answer has as many tokens, and a float holds it exactly.
pub(super) const COUNT_MAX: f64 = 1e9;

impl Unit {
    /// The largest figure that may be given or drawn.
    pub(super) const fn max(self) -> f64 {
        match self {
            Self::Time => TIME_MAX_NS,
            Self::Count => COUNT_MAX,
        }
    }

    /// A figure of this unit, for a sentence that says what is needed.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Time => "a duration",
            Self::Count => "a number",
        }
    }

    /// Reads one figure: zero or more, at most [`max`](Self::max).
    pub(super) fn figure(self, raw: &Raw) -> Result<f64, Problem> {
        let figure = match (self, raw) {
            (Self::Time, Raw::Text(text)) => duration_text::parse(text)?.as_nanos() as f64,
            // The same error as for the digits in quotes: they lack a unit.
            (Self::Time, Raw::Number(number)) => duration_text::parse(&number.to_string())?.as_nanos() as f64,
            (Self::Count, Raw::Number(number)) if *number < 0.0 => {
                return Err(Problem::Negative { found: *number });
            }
            (Self::Count, Raw::Number(number)) => *number,
            (Self::Time, Raw::Other(_) | Raw::List(_) | Raw::Table(_)) => {
                return Err(Problem::WrongType {
                    found: raw.describe(),
                    needed: "a duration such as \"250ms\"",
                });
            }
            (Self::Count, Raw::Text(_) | Raw::Other(_) | Raw::List(_) | Raw::Table(_)) => {
                return Err(Problem::WrongType { found: raw.describe(), needed: "a number without quotes" });
            }
        };
        if figure <= self.max() {
            return Ok(figure);
        }
        Err(Problem::OutOfRange {
            found: self.write(figure),
            needed: format!("{} or less", self.write(self.max())),
        })
    }

    /// A figure as the user would write it.
    pub(super) fn write(self, figure: f64) -> String {
        match self {
            Self::Time => duration_text::format(std::time::Duration::from_nanos(figure.round() as u64)),
            Self::Count => figure.to_string(),
        }
    }
}
