//! Exit codes, a contract with scripts, and the errors that lead to them.

use std::{fmt, process::ExitCode};

use weir_loadgen::{RunError, ScenarioError, SpeedupError};
use weir_results::{EndReason, RunVerdict, Summary};

/// How the program ends. Where several hold, the later one here counts: figures that mean nothing fail no threshold,
/// and who interrupted a run knows why it is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All went well.
    Passed,
    /// A threshold did not hold, or what was run did not complete.
    Failed,
    /// Usage or configuration.
    Usage,
    /// The target could not be reached, or the run is invalid: the generator was the bottleneck, or its
    /// report could not be written.
    Invalid,
    /// Interrupted; what was measured until then is written.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::Interrupted => 130,
        }
    }

    /// What a run of load comes to.
    pub(crate) fn of_run(summary: &Summary) -> Self {
        summary.verdict().into()
    }

    /// What it comes to that a run ended for this reason.
    pub(crate) fn of_end(ended: EndReason) -> Self {
        RunVerdict::of_end(ended).into()
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

/// An error, and how the program ends with it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    cause: anyhow::Error,
}

/// What a subcommand comes to.
pub(crate) type Outcome = Result<Exit, Failure>;

impl Failure {
    /// The user can mend it: exit 2.
    pub(crate) fn usage(cause: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Usage, cause: cause.into() }
    }

    /// There is no valid result: exit 3.
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
    /// The error with its causes, each once.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.cause.to_string();
        f.write_str(&said)?;
        for cause in self.cause.chain().skip(1) {
            let cause = cause.to_string();
            if !said.contains(&cause) {
                write!(f, ": {cause}")?;
                said.push_str(&cause);
            }
        }
        Ok(())
    }
}
