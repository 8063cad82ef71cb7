//! What can be wrong with a setting, independent of the format that it was read from.

use std::fmt;

use serde::de::{self, Unexpected};

use super::{
    Suggestion,
    expected::{Expectation, Expected, Found},
    path::{KeyPath, KeySegment, split_inner_path},
};

/// A setting that cannot be read: its key, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError {
    /// The path of the key, such as `user.u.task[0].request.path`; empty for the document as a whole.
    pub key: KeyPath,
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
    /// A value of the wrong type.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What is needed.
        expected: Expected,
        /// What was given.
        found: Found,
    },
    /// A whole number that its type cannot hold.
    #[error("expected {}, found {found}", range(*min, *max))]
    OutOfRange {
        /// The least number.
        min: i64,
        /// The greatest number.
        max: u64,
        /// What was given.
        found: Found,
    },
    /// Anything else; the text is of the type that rejected the value.
    #[error("{0}")]
    Invalid(String),
}

impl SettingProblem {
    /// What to write instead, if that is known.
    pub fn suggestion(&self) -> Option<&Suggestion> {
        match self {
            Self::UnknownKey(suggestion) | Self::UnknownValue { suggestion, .. } => Some(suggestion),
            Self::Missing
            | Self::Duplicate
            | Self::Unexpected { .. }
            | Self::OutOfRange { .. }
            | Self::Invalid(_) => None,
        }
    }

    /// Whether the value is wrong, not the key.
    pub fn is_of_value(&self) -> bool {
        match self {
            Self::UnknownValue { .. }
            | Self::Unexpected { .. }
            | Self::OutOfRange { .. }
            | Self::Invalid(_) => true,
            Self::UnknownKey(_) | Self::Missing | Self::Duplicate => false,
        }
    }
}

/// The numbers from `min` to `max`; the limits of 64 bits are not worth a mention.
fn range(min: i64, max: u64) -> String {
    match (min, max < i64::MAX.unsigned_abs()) {
        (_, true) => format!("a whole number from {min} to {max}"),
        (0 | 1, false) => format!("a whole number of at least {min}"),
        (_, false) => "a whole number".to_owned(),
    }
}

/// The typed form of serde's errors, and the path of the value within the one that is being read.
#[derive(Debug)]
pub(super) struct TypedError(Box<LocatedError>);

#[derive(Debug)]
struct LocatedError {
    /// The innermost step first.
    path: Vec<KeySegment>,
    kind: ErrorKind,
}

/// The constructors of serde's errors, which format their arguments instead of an English sentence.
#[derive(Debug)]
enum ErrorKind {
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
        /// For a number of the right type that is out of range: whether it is zero.
        is_zero: Option<bool>,
        expected: Expected,
        is_final: bool,
    },
    OutOfRange {
        min: i64,
        max: u64,
        found: Found,
    },
    Custom(String),
}

impl TypedError {
    fn new(kind: ErrorKind) -> Self {
        Self(Box::new(LocatedError { path: Vec::new(), kind }))
    }

    /// A value that is not `expected`, whatever type was requested.
    pub(super) fn unexpected(found: Found, expected: Expected) -> Self {
        Self::new(ErrorKind::Unexpected { found, is_zero: None, expected, is_final: true })
    }

    /// A value that is not what the visitor `expected` describes.
    pub(super) fn unexpected_by(found: Found, expected: &dyn de::Expected) -> Self {
        let expected = Expected::Described(expected.to_string());
        Self::new(ErrorKind::Unexpected { found, is_zero: None, expected, is_final: false })
    }

    /// The same error, in the value of `key`.
    pub(super) fn in_member(mut self, key: &str) -> Self {
        self.0.path.push(KeySegment::Key(key.to_owned()));
        self
    }

    /// The same error, in the element `index` of a list.
    pub(super) fn in_element(mut self, index: usize) -> Self {
        self.0.path.push(KeySegment::Index(index));
        self
    }

    /// The same error, with the expectation that the requested type gives; what hand-written visitors expect stays.
    pub(super) fn expecting(mut self, expectation: Expectation) -> Self {
        self.0.kind = self.0.kind.expecting(expectation);
        self
    }

    /// The error as users read it.
    pub(super) fn into_setting_error(self) -> SettingError {
        let LocatedError { mut path, kind } = *self.0;
        path.reverse();
        kind.at(KeyPath::from(path))
    }
}

impl ErrorKind {
    /// The same error, with the expectation that the requested type gives; what hand-written visitors expect stays.
    fn expecting(self, expectation: Expectation) -> Self {
        let Self::Unexpected { found, is_zero, expected, is_final: false } = self else { return self };
        let expected = match (expectation, is_zero) {
            (Expectation::ByVisitor, _) => expected,
            (Expectation::Known(expected), _) => expected,
            (Expectation::Integer { .. }, None) => Expected::Integer,
            (Expectation::Integer { min, max }, Some(is_zero)) => {
                // Zero lies within every range: it is only rejected where the type is non-zero.
                let min = if is_zero { min.max(1) } else { min };
                return Self::OutOfRange { min, max, found };
            }
        };
        Self::Unexpected { found, is_zero, expected, is_final: true }
    }

    /// The error as users read it; `key` is the path of the value that was being read.
    fn at(self, mut key: KeyPath) -> SettingError {
        let problem = match self {
            Self::UnknownKey { key: unknown, known } => {
                key.push_key(&unknown);
                SettingProblem::UnknownKey(Suggestion::new(&unknown, known.iter().copied()))
            }
            Self::UnknownVariant { value, known } => {
                let suggestion = Suggestion::new(&value, known.iter().copied());
                SettingProblem::UnknownValue { value, suggestion }
            }
            Self::MissingKey(missing) => {
                key.push_key(missing);
                SettingProblem::Missing
            }
            Self::DuplicateKey(given) => {
                key.push_key(given);
                SettingProblem::Duplicate
            }
            Self::Unexpected { found, expected, .. } => SettingProblem::Unexpected { expected, found },
            Self::OutOfRange { min, max, found } => SettingProblem::OutOfRange { min, max, found },
            Self::Custom(message) => match split_inner_path(&message) {
                Some((inner, rest)) => {
                    key.push_path(inner);
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
        Self::new(ErrorKind::Custom(message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::unexpected_by(found.into(), expected)
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let is_zero = match found {
            Unexpected::Unsigned(number) => Some(number == 0),
            Unexpected::Signed(number) => Some(number == 0),
            _ => None,
        };
        let expected = Expected::Described(expected.to_string());
        Self::new(ErrorKind::Unexpected { found: found.into(), is_zero, expected, is_final: false })
    }

    fn invalid_length(length: usize, expected: &dyn de::Expected) -> Self {
        let expected = Expected::Described(expected.to_string());
        Self::unexpected(Found::list_of_length(length), expected)
    }

    fn unknown_variant(value: &str, known: &'static [&'static str]) -> Self {
        Self::new(ErrorKind::UnknownVariant { value: value.to_owned(), known })
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        Self::new(ErrorKind::UnknownKey { key: key.to_owned(), known })
    }

    fn missing_field(key: &'static str) -> Self {
        Self::new(ErrorKind::MissingKey(key))
    }

    fn duplicate_field(key: &'static str) -> Self {
        Self::new(ErrorKind::DuplicateKey(key))
    }
}
