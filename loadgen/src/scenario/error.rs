//! What can be wrong with a scenario.

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
        /// What the operating system said.
        source: io::Error,
    },
    /// Neither a file nor a built-in scenario.
    #[error("there is no file and no built-in scenario `{name}`{suggestion}; built in are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What may have been meant.
        suggestion: Suggestion,
        /// The built-in ones.
        known: String,
    },
    /// Something in it is wrong.
    #[error("{diagnostic}")]
    Invalid {
        /// Its place in the file, the built-in scenario or the command line, with the text of the problem. The key is a
        /// key with its tables, or a flag; empty if the text is not TOML.
        diagnostic: Diagnostic,
        /// What is wrong there.
        problem: Box<ScenarioProblem>,
    },
}

impl ScenarioError {
    /// The error with its place, if it is one of the scenario's text or of the command line.
    #[must_use]
    pub fn diagnostic(&self) -> Option<&Diagnostic> {
        match self {
            Self::Invalid { diagnostic, .. } => Some(diagnostic),
            Self::Read { .. } | Self::Unknown { .. } => None,
        }
    }
}

impl ScenarioProblem {
    /// The threshold in it that cannot be read.
    fn threshold(&self) -> Option<&ThresholdError> {
        match self {
            Self::Threshold(error) | Self::Band(BandError::Figure(error)) => Some(error),
            _ => None,
        }
    }

    /// What to write instead. The text of the problem ends with it.
    fn suggestion(&self) -> Option<&Suggestion> {
        match self {
            Self::Setting(problem) => problem.suggestion(),
            Self::Nobody { suggestion, .. } => Some(suggestion),
            other => other.threshold().and_then(ThresholdError::suggestion),
        }
    }

    /// The names of keys are wrong, not their values.
    fn is_of_key(&self) -> bool {
        match self {
            Self::Setting(problem) => !problem.is_of_value(),
            Self::Missing { .. } | Self::Conflict { .. } | Self::Twice { .. } | Self::Name { .. } => true,
            _ => false,
        }
    }
}

/// What is wrong with one key of a scenario.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioProblem {
    /// Not TOML.
    #[error("{0}")]
    Syntax(String),
    /// An unknown or missing key, or a value of the wrong type or out of its range.
    #[error(transparent)]
    Setting(#[from] SettingProblem),
    /// Something that has to be there is not.
    #[error("missing: {needed}")]
    Missing {
        /// What is needed.
        needed: &'static str,
    },
    /// A value out of its range.
    #[error("{value} is out of range; {needed} is needed")]
    Range {
        /// The value.
        value: String,
        /// What would be right.
        needed: String,
    },
    /// Two keys that contradict each other.
    #[error("cannot stand beside `{other}`: {because}")]
    Conflict {
        /// The other key.
        other: &'static str,
        /// What to do.
        because: &'static str,
    },
    /// The same name twice.
    #[error("`{name}` is there twice; each needs a name of its own")]
    Twice {
        /// The name.
        name: String,
    },
    /// A name that cannot be one.
    #[error("`{name}` cannot be a name: {because}")]
    Name {
        /// The name.
        name: String,
        /// What would be right.
        because: &'static str,
    },
    /// A file that cannot be used. Its own text names the file and the line.
    #[error("{0}")]
    File(String),
    /// A text that is no JSON pointer.
    #[error("{0}")]
    Pointer(String),
    /// The name of a task or class that is not there.
    #[error("there is no {what} `{name}`{suggestion}")]
    Nobody {
        /// What it should have been.
        what: &'static str,
        /// The name.
        name: String,
        /// What may have been meant.
        suggestion: Suggestion,
    },
    /// A threshold that cannot be read.
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    /// Bounds between grades that are none.
    #[error(transparent)]
    Band(#[from] BandError),
    /// An environment variable without a value.
    #[error("the environment variable `{variable}` is not set")]
    NotSet {
        /// Its name.
        variable: String,
    },
    /// A value that cannot stand in an HTTP request.
    #[error("`{value}` cannot stand in a request: {because}")]
    Http {
        /// The value, unless it is secret.
        value: String,
        /// What HTTP says.
        because: String,
    },
    /// A URL that names no target.
    #[error(transparent)]
    Target(#[from] ParseTargetError),
    /// A template that does not compile or render. Its own text names the place.
    #[error("{0}")]
    Template(String),
}

/// A problem with the key that it is about; the origin comes on the way out.
#[derive(Debug)]
pub(super) struct Invalid {
    pub(super) key: String,
    pub(super) problem: ScenarioProblem,
}

impl Invalid {
    pub(super) fn new(key: impl Into<String>, problem: impl Into<ScenarioProblem>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }

    pub(super) fn range(key: impl Into<String>, value: &dyn fmt::Display, needed: impl Into<String>) -> Self {
        Self::new(key, ScenarioProblem::Range { value: value.to_string(), needed: needed.into() })
    }

    /// A value of the wrong type.
    pub(super) fn unexpected(
        key: impl Into<String>,
        expected: impl Into<String>,
        found: &toml::Value,
    ) -> Self {
        let expected = Expected::Described(expected.into());
        Self::new(key, SettingProblem::Unexpected { expected, found: found.into() })
    }

    /// The same problem, in a table of this name.
    pub(super) fn within(self, table: &str) -> Self {
        Self { key: format!("{table}.{}", self.key), problem: self.problem }
    }

    /// The same problem, of the command line or another text that has no lines.
    pub(super) fn of(self, origin: &str) -> ScenarioError {
        let place = Diagnostic::new(origin, &*self.key, "");
        self.at(place)
    }

    /// The same problem, in `document`.
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
