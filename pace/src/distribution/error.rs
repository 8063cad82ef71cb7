//! Errors of distributions in files.

use std::fmt;

use thiserror::Error;

use crate::{diagnostic::Suggestion, text::DurationError};

/// An invalid distribution: the location of the error, what was found and what would be valid.
#[derive(Clone, Debug, PartialEq, Error)]
pub struct DistributionError {
    field: String,
    problem: DistributionProblem,
}

impl DistributionError {
    /// An error of the distribution as a whole.
    pub(super) fn whole(problem: DistributionProblem) -> Self {
        Self { field: String::new(), problem }
    }

    /// An error of one of its keys.
    pub(super) fn in_key(key: &str, problem: DistributionProblem) -> Self {
        Self { field: key.to_owned(), problem }
    }

    /// Prepends `outer` to the path of the error.
    pub(super) fn under(self, outer: &str) -> Self {
        let dot = if self.field.is_empty() || self.field.starts_with('[') { "" } else { "." };
        Self { field: format!("{outer}{dot}{}", self.field), problem: self.problem }
    }

    /// The path of the error, such as `mix[1].normal.sd`; empty for the distribution as a whole.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong.
    pub const fn problem(&self) -> &DistributionProblem {
        &self.problem
    }
}

impl fmt::Display for DistributionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        self.problem.fmt(f)
    }
}

impl From<DistributionProblem> for DistributionError {
    fn from(problem: DistributionProblem) -> Self {
        Self::whole(problem)
    }
}

/// What is wrong with a distribution.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DistributionProblem {
    /// An unknown key.
    #[error("unknown key{0}")]
    UnknownKey(Suggestion),
    /// A missing parameter.
    #[error("is missing: expected {needed}")]
    Missing {
        /// What would be valid.
        needed: &'static str,
    },
    /// Two keys that exclude each other.
    #[error("`{first}` and `{second}` are given together: expected exactly one of them")]
    Conflict {
        /// The first key.
        first: &'static str,
        /// The second key.
        second: &'static str,
    },
    /// The wrong number of percentiles: two determine the distribution.
    #[error("{given} of p50, p90, p95 and p99 given: expected exactly two of them")]
    PercentileCount {
        /// The number of given percentiles.
        given: usize,
    },
    /// A value of the wrong type.
    #[error("expected {needed}, found {found}")]
    WrongType {
        /// The given text.
        found: String,
        /// What would be valid.
        needed: &'static str,
    },
    /// An invalid or negative duration.
    #[error(transparent)]
    Duration(#[from] DurationError),
    /// A negative number.
    #[error("{found} is negative: expected a number of at least 0")]
    Negative {
        /// The given text.
        found: f64,
    },
    /// A value out of range.
    #[error("{found} is out of range: expected {needed}")]
    OutOfRange {
        /// The given text.
        found: String,
        /// What would be valid.
        needed: String,
    },
    /// Two values in the wrong order.
    #[error("{found} is less than {other}, which is {other_value}: expected at least as much")]
    Order {
        /// The given text.
        found: String,
        /// The value it is compared with.
        other: &'static str,
        /// That value.
        other_value: String,
    },
    /// A truncated normal distribution that would reject most samples.
    #[error(
        "less than a tenth of the distribution lies above {min}: expected a larger mean, a smaller spread or a smaller `min`"
    )]
    HardlyAnythingAbove {
        /// The minimum at which it is truncated.
        min: String,
    },
    /// A list that is too long.
    #[error("the list is too long; at most {max} entries are allowed")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// Mixtures nested too deeply.
    #[error("mixtures are nested too deeply; at most {max} levels are allowed")]
    TooDeep {
        /// The limit on levels.
        max: usize,
    },
}
