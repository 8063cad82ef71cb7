//! What can be wrong with a setting, independent of the format that it was read from.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::{
    Suggestion,
    expected::{Expectation, Found},
};

/// A setting that cannot be read: its key, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError {
    /// The path of the key, such as `user.u.task[0].request.path`; empty for the document as a whole.
    pub key: String,
    /// What is wrong.
    pub problem: SettingProblem,
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, problem } = self;
        if key.is_empty() { problem.fmt(f) } else { write!(f, "{key}: {problem}") }
    }
}

impl de::StdError for SettingError {}

/// What is wrong with a setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingProblem {
    /// A key that does not exist.
    #[error("unknown key{0}")]
    UnknownKey(Suggestion),
    /// A word that is none of those allowed.
    #[error("unknown value `{}`{suggestion}", value.escape_debug())]
    UnknownValue {
        /// The word.
        value: String,
        /// What to write instead.
        suggestion: Suggestion,
    },
    /// A required key is absent.
    #[error("this key is required")]
    Missing,
    /// A key is given twice.
    #[error("this key is given twice")]
    Duplicate,
    /// A value of the wrong type or outside its range.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// The type or range that is needed.
        expected: String,
        /// What was given.
        found: String,
    },
    /// Anything else; the text is of the type that rejected the value.
    #[error("{0}")]
    Invalid(String),
}

/// The typed form of serde's errors: each constructor keeps its arguments instead of an English sentence.
#[derive(Debug)]
pub(super) enum TypedError {
    UnknownKey {
        key: String,
        known: &'static [&'static str],
    },
    UnknownVariant {
        value: String,
        known: &'static [&'static str],
    },
    MissingKey(&'static str),
    DuplicateKey(&'static str),
    /// `is_final` once the expectation describes the innermost value.
    Unexpected {
        found: Found,
        expected: String,
        is_final: bool,
    },
    Custom(String),
}

impl TypedError {
    /// The same error, with the expectation that the requested type gives; what hand-written visitors expect stays.
    pub(super) fn expecting(self, expectation: Expectation) -> Self {
        match self {
            Self::Unexpected { found, expected, is_final: false } => {
                let expected = expectation.describe(&found).unwrap_or(expected);
                Self::Unexpected { found, expected, is_final: true }
            }
            other => other,
        }
    }

    /// The error as users read it; `key` is the path of the value that was being read.
    pub(super) fn at(self, mut key: String) -> SettingError {
        let problem = match self {
            Self::UnknownKey { key: unknown, known } => {
                super::path::push_key(&mut key, &unknown);
                SettingProblem::UnknownKey(Suggestion::new(&unknown, known.iter().copied()))
            }
            Self::UnknownVariant { value, known } => {
                let suggestion = Suggestion::new(&value, known.iter().copied());
                SettingProblem::UnknownValue { value, suggestion }
            }
            Self::MissingKey(missing) => {
                super::path::push_key(&mut key, missing);
                SettingProblem::Missing
            }
            Self::DuplicateKey(given) => {
                super::path::push_key(&mut key, given);
                SettingProblem::Duplicate
            }
            Self::Unexpected { found, expected, .. } => {
                SettingProblem::Unexpected { expected, found: found.text }
            }
            Self::Custom(message) => match super::path::split_inner_key(&message) {
                Some((inner, rest)) => {
                    super::path::push_key(&mut key, inner);
                    SettingProblem::Invalid(rest.to_owned())
                }
                None => SettingProblem::Invalid(message),
            },
        };
        SettingError { key, problem }
    }
}

impl fmt::Display for TypedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl de::StdError for TypedError {}

impl de::Error for TypedError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Custom(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Unexpected { found: Found::new(found, false), expected: expected.to_string(), is_final: false }
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Unexpected { found: Found::new(found, true), expected: expected.to_string(), is_final: false }
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let found = Found { text: format!("a list of length {length}"), out_of_range: None };
        Self::Unexpected { found, expected: expected.to_string(), is_final: true }
    }

    fn unknown_variant(value: &str, known: &'static [&'static str]) -> Self {
        Self::UnknownVariant { value: value.to_owned(), known }
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        Self::UnknownKey { key: key.to_owned(), known }
    }

    fn missing_field(key: &'static str) -> Self {
        Self::MissingKey(key)
    }

    fn duplicate_field(key: &'static str) -> Self {
        Self::DuplicateKey(key)
    }
}
