//! Why a baseline cannot be made or read.

use std::io;

use weir_server::{Problem, ProblemKind};

/// Why a baseline cannot be made or read. Files go by their names in requests.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
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
    #[error("there are {max} baselines already: remove some from {folder}")]
    Full { max: usize, folder: String },
    #[error("{path}: {source}")]
    Io { path: String, source: io::Error },
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let kind = match &fault {
            Fault::Name { .. }
            | Fault::Outside { .. }
            | Fault::NotFile { .. }
            | Fault::TooLarge { .. }
            | Fault::Broken { .. } => ProblemKind::InvalidRequest,
            Fault::Missing { .. } => ProblemKind::NotFound,
            Fault::Full { .. } => ProblemKind::Conflict,
            Fault::Io { .. } => ProblemKind::ServerError,
        };
        Self::new(kind, fault.to_string())
    }
}
