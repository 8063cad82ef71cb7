//! Exit codes, a contract with scripts, and the errors that lead to them.

use std::{fmt, process::ExitCode};

use weir_loadgen::{RunError, ScenarioError, SpeedupError};
use weir_results::{RunVerdict, Summary};

/// The exit codes. If several apply, the last one counts: invalid figures fail no threshold,
/// and an interrupted run is not a failed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Success.
    Passed,
    /// A threshold failed, no request succeeded, or a chain did not complete.
    Failed,
    /// Usage or configuration.
    Usage,
    /// The target could not be reached, or the run is invalid: the generator was the bottleneck, or its
    /// report could not be written.
    Invalid,
    /// Interrupted; the figures so far are written.
    Interrupted,
}

impl Exit {
    /// The exit code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::Interrupted => 130,
        }
    }

    /// Returns the exit of a load run.
    pub(crate) fn of_run(summary: &Summary) -> Self {
        summary.verdict().into()
    }
}

impl From<RunVerdict> for Exit {
    fn from(verdict: RunVerdict) -> Self {
        match verdict {
            RunVerdict::Passed => Self::Passed,
            RunVerdict::Failed => Self::Failed,
            RunVerdict::Invalid => Self::Invalid,
            RunVerdict::Interrupted => Self::Interrupted,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// An error with its exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    cause: anyhow::Error,
}

/// The result of a subcommand.
pub(crate) type Outcome = Result<Exit, Failure>;

impl Failure {
    /// An error that the user can correct: exit 2.
    pub(crate) fn usage(cause: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Usage, cause: cause.into() }
    }

    /// An error without a valid result: exit 3.
    pub(crate) fn invalid(cause: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Invalid, cause: cause.into() }
    }

    /// The error itself.
    pub(crate) fn cause(&self) -> &anyhow::Error {
        &self.cause
    }
}

impl From<ScenarioError> for Failure {
    fn from(error: ScenarioError) -> Self {
        Self::usage(error)
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::NoTarget { .. }
            | RunError::Path { .. }
            | RunError::Arrivals(_)
            | RunError::Watch(_)
            | RunError::Client(_) => Self::usage(error),
            _ => Self::invalid(error),
        }
    }
}

impl From<SpeedupError> for Failure {
    fn from(error: SpeedupError) -> Self {
        match error {
            SpeedupError::OutOfRange { .. } | SpeedupError::ChainName { .. } => Self::usage(error),
            _ => Self::invalid(error),
        }
    }
}

impl fmt::Display for Failure {
    /// Writes the error with its distinct causes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.cause.to_string();
        f.write_str(&text)?;
        for cause in self.cause.chain().skip(1) {
            let cause = cause.to_string();
            if !text.contains(&cause) {
                write!(f, ": {cause}")?;
                text.push_str(&cause);
            }
        }
        Ok(())
    }
}
