//! Errors in the text of a threshold.

use std::fmt;

use weir_pace::{Excerpt, Suggestion};

/// An invalid threshold. Its `Display` is one line; [`excerpt`](Self::excerpt) marks the position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}`, character {}: {problem}", at + 1)]
pub struct ThresholdError {
    text: Box<str>,
    at: usize,
    length: usize,
    problem: Box<ThresholdProblem>,
}

/// The problem at that position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdProblem {
    /// No text at all.
    #[error("the text is empty; write a threshold such as ttft.p95 < 500ms")]
    Empty,
    /// The text is too long.
    #[error("longer than {longest} characters, the maximum")]
    TooLong {
        /// The maximum number of characters.
        longest: usize,
    },
    /// An unknown figure.
    #[error("unknown figure `{word}`{suggestion}")]
    UnknownFigure {
        /// The word.
        word: String,
        /// The nearest known name.
        suggestion: Suggestion,
    },
    /// An unknown statistic.
    #[error("unknown statistic `{word}`{suggestion}")]
    UnknownStatistic {
        /// The word.
        word: String,
        /// The nearest known name.
        suggestion: Suggestion,
    },
    /// A percentile of 0 or 100.
    #[error("`{word}` is out of range; use p1 to p99.999, min or max")]
    PercentileRange {
        /// The percentile.
        word: String,
    },
    /// A distribution without a statistic.
    #[error("`{figure}` is a distribution; add a statistic, such as {figure}.p95 or {figure}.mean")]
    NoStatistic {
        /// The figure.
        figure: String,
    },
    /// A number with a statistic.
    #[error("`{figure}` is a single number without statistics; compare it directly: {figure} {example}")]
    NotADistribution {
        /// The figure.
        figure: String,
        /// An example of the rest.
        example: &'static str,
    },
    /// A figure that single requests do not have.
    #[error("`{word}` is not a duration of a single request{suggestion}")]
    NotOfRequest {
        /// The figure.
        word: String,
        /// The nearest known name.
        suggestion: Suggestion,
    },
    /// A figure of the generator with the scope of a task or class.
    #[error("`{figure}` belongs to the generator, not to a task or class; write it without scope")]
    OfGenerator {
        /// The figure.
        figure: String,
    },
    /// A value that the figure cannot be compared with.
    #[error("`{value}` cannot be compared with `{subject}`; give {needed}")]
    Value {
        /// The value.
        value: String,
        /// The figure.
        subject: String,
        /// What is needed instead.
        needed: &'static str,
    },
    /// Something else follows than is needed.
    #[error("expected {needed}, found {found}")]
    Expected {
        /// What is needed instead.
        needed: String,
        /// What was found.
        found: Found,
    },
    /// Too many limits.
    #[error("too many limits; at most {most} are allowed")]
    TooMany {
        /// The maximum number of limits.
        most: usize,
    },
}

/// What was found instead of the needed text.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The end of the text.
    End,
    /// This character.
    Character(char),
}

impl ThresholdProblem {
    /// What to write instead, if that is known. The text of the problem ends with it.
    fn suggestion(&self) -> Option<&Suggestion> {
        match self {
            Self::UnknownFigure { suggestion, .. }
            | Self::UnknownStatistic { suggestion, .. }
            | Self::NotOfRequest { suggestion, .. } => Some(suggestion),
            Self::Empty
            | Self::TooLong { .. }
            | Self::PercentileRange { .. }
            | Self::NoStatistic { .. }
            | Self::NotADistribution { .. }
            | Self::OfGenerator { .. }
            | Self::Value { .. }
            | Self::Expected { .. }
            | Self::TooMany { .. } => None,
        }
    }
}

impl ThresholdError {
    /// Returns an error at `length` characters of the text, after the first `at` ones.
    pub(super) fn new(text: &str, at: usize, length: usize, problem: ThresholdProblem) -> Self {
        Self { text: text.into(), at, length: length.max(1), problem: Box::new(problem) }
    }

    /// The problem.
    #[must_use]
    pub fn problem(&self) -> &ThresholdProblem {
        &self.problem
    }

    /// What to write instead, if that is known. The text of the error ends with it.
    #[must_use]
    pub fn suggestion(&self) -> Option<&Suggestion> {
        self.problem.suggestion()
    }

    /// The text, with the part that is wrong. `None` for an empty text.
    #[must_use]
    pub fn excerpt(&self) -> Option<Excerpt> {
        let byte_of = |at| self.text.char_indices().nth(at).map_or(self.text.len(), |(byte, _)| byte);
        Excerpt::new(&self.text, byte_of(self.at)..byte_of(self.at.saturating_add(self.length)))
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End => f.write_str("the end"),
            Self::Character(character) => write!(f, "`{character}`"),
        }
    }
}
