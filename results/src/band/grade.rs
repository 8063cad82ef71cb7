//! Grades.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How good a figure is, from best to worst over all three scales.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// The best of four.
    Excellent,
    /// The better one of two or three.
    Pass,
    /// The second of four.
    Good,
    /// The third of four.
    Acceptable,
    /// The middle of three.
    Warn,
    /// The last of four.
    NeedsWork,
    /// The last of two or three.
    Fail,
}

/// The grades that one, two or three bounds lie between.
const SCALES: [&[Grade]; 3] = [
    &[Grade::Pass, Grade::Fail],
    &[Grade::Pass, Grade::Warn, Grade::Fail],
    &[Grade::Excellent, Grade::Good, Grade::Acceptable, Grade::NeedsWork],
];

/// The maximum number of bounds of a scale.
pub(crate) const BOUNDS_MAX: usize = SCALES.len();

impl Grade {
    /// Returns the grade of a figure that exceeds the first `beyond` of `bounds` bounds.
    pub(crate) fn of(bounds: usize, beyond: usize) -> Option<Self> {
        SCALES.get(bounds.checked_sub(1)?)?.get(beyond).copied()
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Excellent => "excellent",
            Self::Pass => "pass",
            Self::Good => "good",
            Self::Acceptable => "acceptable",
            Self::Warn => "warn",
            Self::NeedsWork => "needs work",
            Self::Fail => "fail",
        })
    }
}
