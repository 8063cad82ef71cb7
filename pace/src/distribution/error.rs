//! What can be wrong with a distribution in a file.

use std::fmt;

use thiserror::Error;

use crate::text::DurationError;

/// A distribution that cannot be had: where in it the mistake is, what was found there and what would be right.
#[derive(Clone, Debug, PartialEq, Error)]
pub struct DistributionError {
    field: String,
    problem: DistributionProblem,
}

impl DistributionError {
    /// A mistake in the distribution as a whole.
    pub(super) fn whole(problem: DistributionProblem) -> Self {
        Self { field: String::new(), problem }
    }

    /// A mistake in one of its keys.
    pub(super) fn in_key(key: &str, problem: DistributionProblem) -> Self {
        Self { field: key.to_owned(), problem }
    }

    /// The same mistake, seen from one level further out.
    pub(super) fn under(self, outer: &str) -> Self {
        let dot = if self.field.is_empty() || self.field.starts_with('[') { "" } else { "." };
        Self { field: format!("{outer}{dot}{}", self.field), problem: self.problem }
    }

    /// Where the mistake is, as a path such as `mix[1].normal.sd`; empty if it is the distribution as a whole.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What the mistake is.
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

/// One mistake in a distribution.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DistributionProblem {
    /// A key that means nothing here.
    #[error("unknown key ({})", hint(*nearest, known))]
    UnknownKey {
        /// What was probably meant, if any known key looks like it.
        nearest: Option<&'static str>,
        /// The keys that would be right.
        known: Vec<&'static str>,
    },
    /// A table that says nothing, or not enough.
    #[error("nothing is given; {needed} is needed")]
    Missing {
        /// What would be right.
        needed: &'static str,
    },
    /// Two keys that exclude each other.
    #[error("`{first}` and `{second}` are given together; exactly one of them is needed")]
    Conflict {
        /// One of the two.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A law has two parameters, so that many percentiles tell it.
    #[error("{given} of p50, p90, p95 and p99 given; exactly two of them are needed")]
    PercentileCount {
        /// How many were given.
        given: usize,
    },
    /// Text for a number, a list for a table and the like.
    #[error("{found} is given; {needed} is needed")]
    WrongType {
        /// What was given.
        found: String,
        /// What would be right.
        needed: &'static str,
    },
    /// No duration, or one below zero.
    #[error(transparent)]
    Duration(#[from] DurationError),
    /// A number below zero.
    #[error("{found} is negative; a number of zero or more is needed")]
    Negative {
        /// What was given.
        found: f64,
    },
    /// A figure no law can be made from.
    #[error("{found} is out of range; {needed} is needed")]
    OutOfRange {
        /// What was given.
        found: String,
        /// What would be right.
        needed: String,
    },
    /// The larger of two figures is the smaller.
    #[error("{found} is less than {other}, which is {other_value}; at least as much is needed")]
    Order {
        /// What was given.
        found: String,
        /// The figure it is compared with.
        other: &'static str,
        /// The value of that figure.
        other_value: String,
    },
    /// A normal law that would mostly have to be drawn again.
    #[error(
        "less than a tenth of the law lies above {min}; a larger mean, a smaller spread or a smaller `min` is needed"
    )]
    HardlyAnythingAbove {
        /// The minimum at which it is cut.
        min: String,
    },
    /// More than a list may hold.
    #[error("the list is too long; at most {max} entries are allowed")]
    TooMany {
        /// How many there may be.
        max: usize,
    },
    /// Mixtures of mixtures of mixtures.
    #[error("mixtures are nested too deeply; at most {max} levels are allowed")]
    TooDeep {
        /// How many levels there may be.
        max: usize,
    },
}

fn hint(nearest: Option<&str>, known: &[&str]) -> String {
    match nearest {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("known here: {}", known.join(", ")),
    }
}
