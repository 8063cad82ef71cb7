//! Errors of baselines.

use std::io;

use weir_server::{Problem, ProblemKind};

/// Why a baseline cannot be created or read. Files have their names from requests.
#[derive(Debug, thiserror::Error)]
pub(in crate::agent_connector) enum BaselineError {
    #[error("{key}: {value:?} is not a file's name: {message}")]
    Name { key: &'static str, value: String, message: &'static str },
    #[error("the {what} '{name}' does not exist")]
    Missing { what: &'static str, name: String },
    #[error("{name}: leads out of the folder {folder}")]
    Outside { name: String, folder: String },
    #[error("{name}: is not a file")]
    NotFile { name: String },
    #[error("{name}: has {bytes} bytes: {max} at the most")]
    TooLarge { name: String, bytes: u64, max: u64 },
    #[error("{name}: {message}")]
    Broken { name: String, message: String },
    #[error("the baseline '{name}' exists already: choose another name, or set overwrite to true")]
    Exists { name: String },
    #[error("there are {max} baselines already: remove some from {folder}")]
    Full { max: usize, folder: String },
    #[error("{path}: {source}")]
    Io { path: String, source: io::Error },
}

impl From<BaselineError> for Problem {
    fn from(error: BaselineError) -> Self {
        let kind = match &error {
            BaselineError::Name { .. }
            | BaselineError::Outside { .. }
            | BaselineError::NotFile { .. }
            | BaselineError::TooLarge { .. }
            | BaselineError::Broken { .. } => ProblemKind::InvalidRequest,
            BaselineError::Missing { .. } => ProblemKind::NotFound,
            BaselineError::Full { .. } | BaselineError::Exists { .. } => ProblemKind::Conflict,
            BaselineError::Io { .. } => ProblemKind::ServerError,
        };
        Self::new(kind, error.to_string())
    }
}
