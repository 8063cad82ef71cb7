//! Exit codes, a contract with scripts, and the errors that lead to them.

use std::{fmt, process::ExitCode};

use weir_loadgen::{EndReason, RunError, SpeedupError, Summary, Validity};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All went well.
    Passed,
    /// What was run did not complete.
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
        summary.window.ended.map_or(Self::Passed, Self::of_end).max(match summary.generator.validity {
            Validity::Valid => Self::Passed,
            Validity::Invalid { .. } => Self::Invalid,
        })
    }

    /// What it comes to that a run ended for this reason.
    pub(crate) const fn of_end(ended: EndReason) -> Self {
        match ended {
            EndReason::RunTime | EndReason::Requests => Self::Passed,
            EndReason::Interrupted => Self::Interrupted,
            EndReason::TargetDead => Self::Invalid,
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
    /// The error with its causes, each said once.
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
