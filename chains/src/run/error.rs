//! Why a step or a run failed.

use std::{sync::Arc, time::Duration};

use crate::{
    http::HttpError,
    llm::LlmError,
    plan::{RENDERED_BYTES_MAX, RenderError},
};

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The model gave no complete answer.
    #[error(transparent)]
    Llm(#[from] LlmError),
    /// The call over the network gave no answer of use.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// A tool failed, as its chain says that it does now and then.
    #[error("simulated failure")]
    Simulated,
    /// An attempt took longer than it may.
    #[error("no answer within {after:?}")]
    TimedOut {
        /// The limit.
        after: Duration,
    },
    /// A template or an expression of the step could not be evaluated.
    #[error(transparent)]
    Template(#[from] RenderError),
    /// A fan-out over something else than a list.
    #[error("`foreach` gave {given}; a list is needed")]
    NotAList {
        /// What it gave.
        given: &'static str,
    },
    /// A fan-out over a list that is too long.
    #[error("`foreach` gave a list of {count}; at most {max} are allowed here (`foreach.at_most`)")]
    TooManyItems {
        /// Entries of the list.
        count: usize,
        /// The limit.
        max: usize,
    },
    /// What the entries of a fan-out gave is too long together.
    #[error("the outputs of the fan-out have {bytes} bytes; at most {RENDERED_BYTES_MAX} are kept")]
    TooLong {
        /// Their length.
        bytes: usize,
    },
    /// The nested chain is not among those that the run knows.
    #[error("there is no chain `{chain}`")]
    UnknownChain {
        /// Its name.
        chain: Arc<str>,
    },
    /// A run does too much, with all runs within it.
    #[error("the run has begun {max} attempts of steps already, and more are not allowed")]
    TooManyAttempts {
        /// The limit.
        max: usize,
    },
    /// Chains run chains that run chains.
    #[error("chains are nested deeper than {max}")]
    TooDeep {
        /// The limit.
        max: usize,
    },
    /// The nested chain failed.
    #[error("chain `{chain}`: {error}")]
    Chain {
        /// Its name.
        chain: Arc<str>,
        /// Why.
        error: Box<RunError>,
    },
}

impl StepError {
    /// Whether another attempt might go better.
    pub(super) const fn is_passing(&self) -> bool {
        match self {
            Self::Llm(LlmError::UnknownModel { .. } | LlmError::InvalidRequest { .. })
            | Self::Http(
                HttpError::NotAllowed { .. } | HttpError::Invalid { .. } | HttpError::TooLong { .. },
            )
            | Self::Template(_)
            | Self::NotAList { .. }
            | Self::TooManyItems { .. }
            | Self::TooLong { .. }
            | Self::UnknownChain { .. }
            | Self::TooManyAttempts { .. }
            | Self::TooDeep { .. } => false,
            Self::Llm(_) | Self::Http(_) | Self::Simulated | Self::TimedOut { .. } | Self::Chain { .. } => {
                true
            }
        }
    }
}

/// Why a run failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RunError {
    /// One of its steps did.
    #[error("step `{step}` failed: {error}")]
    Step {
        /// The name of the step.
        step: Arc<str>,
        /// Why.
        error: Arc<StepError>,
    },
    /// All steps have ended, but the chain's `result` template could not be rendered.
    #[error("the result failed: {error}")]
    Result {
        /// Why.
        error: Arc<RenderError>,
    },
}
