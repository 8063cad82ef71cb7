//! What can be wrong with a threshold, and where.

use std::fmt;

use weir_pace::{Excerpt, Suggestion};

/// A threshold that cannot be read. Its `Display` is one line; [`excerpt`](Self::excerpt) has the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}`, character {}: {problem}", at + 1)]
pub struct ThresholdError {
    text: Box<str>,
    at: usize,
    length: usize,
    problem: Box<ThresholdProblem>,
}

/// What is wrong at that place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdProblem {
    /// No text at all.
    #[error("nothing is there; a threshold reads like ttft.p95 < 500ms")]
    Empty,
    /// More text than any threshold needs.
    #[error("goes on here after {longest} characters; that many are enough")]
    TooLong {
        /// As many characters as there may be.
        longest: usize,
    },
    /// A word that no figure begins with.
    #[error("unknown figure `{word}`{suggestion}")]
    UnknownFigure {
        /// The word.
        word: String,
        /// What to write instead.
        suggestion: Suggestion,
    },
    /// A word that no statistic is called.
    #[error("unknown statistic `{word}`{suggestion}")]
    UnknownStatistic {
        /// The word.
        word: String,
        /// What to write instead.
        suggestion: Suggestion,
    },
    /// A percentile of nothing or of everything.
    #[error("`{word}` is out of range; p1 to p99.999 are percentiles, min and max the ends")]
    PercentileRange {
        /// The percentile.
        word: String,
    },
    /// A distribution that is to be compared as if it were a number.
    #[error("`{figure}` is a distribution; say which value of it, such as {figure}.p95 or {figure}.mean")]
    NoStatistic {
        /// The figure.
        figure: String,
    },
    /// A number of which a percentile is asked.
    #[error("`{figure}` is one number and has no statistics; compare it itself: {figure} {example}")]
    NotADistribution {
        /// The figure.
        figure: String,
        /// How it goes on.
        example: &'static str,
    },
    /// A figure that a single request does not have.
    #[error("`{word}` is not a duration of a single request{suggestion}")]
    NotOfRequest {
        /// The figure.
        word: String,
        /// What to write instead.
        suggestion: Suggestion,
    },
    /// A figure of the generator, asked of a task or class.
    #[error("`{figure}` is the generator's own, of no task or class; write it alone")]
    OfGenerator {
        /// The figure.
        figure: String,
    },
    /// A value that the figure cannot be compared with.
    #[error("`{value}` cannot be compared with `{subject}`; give {needed}")]
    Value {
        /// The value.
        value: String,
        /// What it stands beside.
        subject: String,
        /// What would be right.
        needed: &'static str,
    },
    /// Something else than what has to come next.
    #[error("{needed} is needed here; {found} was found")]
    Expected {
        /// What would be right.
        needed: String,
        /// What is there.
        found: Found,
    },
    /// More limits than a request can be asked to keep.
    #[error("a request is given at most {most} limits")]
    TooMany {
        /// As many as there may be.
        most: usize,
    },
}

/// What was found where something else is needed.
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
    /// A problem with `length` characters of the text, the first being that after `at` others.
    pub(super) fn new(text: &str, at: usize, length: usize, problem: ThresholdProblem) -> Self {
        Self { text: text.into(), at, length: length.max(1), problem: Box::new(problem) }
    }

    /// What is wrong.
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
