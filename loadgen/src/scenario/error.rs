//! Errors of scenarios.

use std::fmt;
use std::io;
use std::path::PathBuf;

use weir_wire::ParseTargetError;

use crate::task::{PointerError, TemplateError, TemplateProblem};
use weir_results::{BandError, ThresholdError};

use weir_pace::{Diagnostic, Document, Expected, SettingError, SettingProblem, Suggestion};

/// Why a scenario cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Neither a file nor a built-in scenario.
    #[error(
        "`{name}` is neither a file nor a built-in scenario{suggestion}; the built-in scenarios are {known}"
    )]
    Unknown {
        /// The given name.
        name: String,
        /// A similar name.
        suggestion: Suggestion,
        /// The built-in scenarios.
        known: String,
    },
    /// A value is not valid.
    #[error("{diagnostic}")]
    Invalid {
        /// The place in the file, the built-in scenario or the command line, and the message. The key includes its tables,
        /// or is a flag; it is empty if the text is not TOML.
        diagnostic: Diagnostic,
        /// The problem with the value.
        problem: Box<ScenarioProblem>,
    },
}

impl ScenarioError {
    /// Returns the place and message of an invalid value.
    #[must_use]
    pub fn diagnostic(&self) -> Option<&Diagnostic> {
        match self {
            Self::Invalid { diagnostic, .. } => Some(diagnostic),
            Self::Read { .. } | Self::Unknown { .. } => None,
        }
    }
}

impl ScenarioProblem {
    /// Returns the error of an invalid threshold.
    fn threshold(&self) -> Option<&ThresholdError> {
        match self {
            Self::Threshold(error) | Self::Band(BandError::Figure(error)) => Some(error),
            _ => None,
        }
    }

    /// Returns the suggestion at the end of the message.
    fn suggestion(&self) -> Option<&Suggestion> {
        match self {
            Self::Setting(problem) => problem.suggestion(),
            Self::UnknownName { suggestion, .. } => Some(suggestion),
            other => other.threshold().and_then(ThresholdError::suggestion),
        }
    }

    /// Whether the problem is in the key, not in its value.
    fn is_of_key(&self) -> bool {
        match self {
            Self::Setting(problem) => !problem.is_of_value(),
            Self::Missing { .. } | Self::Conflict { .. } | Self::DuplicateName { .. } | Self::Name { .. } => {
                true
            }
            _ => false,
        }
    }
}

/// The problem with a key of a scenario.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioProblem {
    /// The text is not TOML.
    #[error("{0}")]
    Syntax(String),
    /// An unknown or missing key, or a value of the wrong type or out of range.
    #[error(transparent)]
    Setting(#[from] SettingProblem),
    /// Something is missing.
    #[error("missing: {needed}")]
    Missing {
        /// What is missing.
        needed: &'static str,
    },
    /// A value is out of range.
    #[error("{value} is out of range; expected {expected}")]
    Range {
        /// The value.
        value: String,
        /// The valid values.
        expected: String,
    },
    /// Two keys conflict.
    #[error("conflicts with `{other}`: {because}")]
    Conflict {
        /// The other key.
        other: &'static str,
        /// The reason.
        because: &'static str,
    },
    /// A name is not unique.
    #[error("duplicate name `{name}`; names must be unique")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A name is not valid.
    #[error("`{name}` is not a valid name: {because}")]
    Name {
        /// The name.
        name: String,
        /// The reason.
        because: &'static str,
    },
    /// A file cannot be used. The text contains its path and the line.
    #[error("{0}")]
    File(String),
    /// A text is not a JSON pointer.
    #[error("{0}")]
    Pointer(String),
    /// An unknown task or class.
    #[error("unknown {what} `{name}`{suggestion}")]
    UnknownName {
        /// The expected kind: task or class.
        what: &'static str,
        /// The name.
        name: String,
        /// A similar name.
        suggestion: Suggestion,
    },
    /// A threshold is not valid.
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    /// The bounds of a band are not valid.
    #[error(transparent)]
    Band(#[from] BandError),
    /// An environment variable is not set.
    #[error("the environment variable `{variable}` is not set")]
    NotSet {
        /// The name of the variable.
        variable: String,
    },
    /// A value is not valid in an HTTP request.
    #[error("`{value}` is not valid in a request: {because}")]
    Http {
        /// The value, if it is not secret.
        value: String,
        /// The reason.
        because: String,
    },
    /// A URL is not a valid target.
    #[error(transparent)]
    Target(#[from] ParseTargetError),
    /// A template does not compile or render. The text contains the position.
    #[error("{0}")]
    Template(String),
}

/// A problem and its key. [`Invalid::of`] adds the origin.
#[derive(Debug)]
pub(super) struct Invalid {
    pub(super) key: String,
    pub(super) problem: ScenarioProblem,
}

impl Invalid {
    pub(super) fn new(key: impl Into<String>, problem: impl Into<ScenarioProblem>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }

    /// A value is out of range.
    pub(super) fn range(
        key: impl Into<String>,
        value: &dyn fmt::Display,
        expected: impl Into<String>,
    ) -> Self {
        Self::new(key, ScenarioProblem::Range { value: value.to_string(), expected: expected.into() })
    }

    /// A value has the wrong type.
    pub(super) fn unexpected(
        key: impl Into<String>,
        expected: impl Into<String>,
        found: &toml::Value,
    ) -> Self {
        let expected = Expected::Described(expected.into());
        Self::new(key, SettingProblem::Unexpected { expected, found: found.into() })
    }

    /// Prepends the name of the table that contains the key.
    pub(super) fn within(self, table: &str) -> Self {
        Self { key: format!("{table}.{}", self.key), problem: self.problem }
    }

    /// Returns the error with its origin, a text without lines such as the command line.
    pub(super) fn of(self, origin: &str) -> ScenarioError {
        let place = Diagnostic::new(origin, &*self.key, "");
        self.at(place)
    }

    /// Returns the error with its place in `document`.
    pub(super) fn in_document(self, document: &Document<'_>) -> ScenarioError {
        let place = if self.problem.is_of_key() {
            document.diagnostic_of_key(&self.key, "")
        } else {
            document.diagnostic(&self.key, "")
        };
        self.at(place)
    }

    fn at(self, place: Diagnostic) -> ScenarioError {
        let Self { problem, .. } = self;
        let mut diagnostic = place.with_message(problem.to_string()).suggesting(problem.suggestion());
        if let Some(part) = problem.threshold().and_then(ThresholdError::excerpt) {
            diagnostic = diagnostic.within_value(part);
        }
        ScenarioError::Invalid { diagnostic, problem: Box::new(problem) }
    }
}

impl From<SettingError> for Invalid {
    fn from(SettingError { key, problem }: SettingError) -> Self {
        Self::new(key, problem)
    }
}

impl From<TemplateError> for Invalid {
    fn from(error: TemplateError) -> Self {
        let problem = match error.problem {
            TemplateProblem::NotSet { variable } => ScenarioProblem::NotSet { variable },
            other => ScenarioProblem::Template(other.to_string()),
        };
        Self::new(error.key, problem)
    }
}

impl From<PointerError> for ScenarioProblem {
    fn from(error: PointerError) -> Self {
        Self::Pointer(error.to_string())
    }
}
