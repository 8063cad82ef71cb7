//! Why a step or a run failed.

use std::{sync::Arc, time::Duration};

use crate::{
    http::HttpError,
    llm::LlmError,
    template::{RENDERED_BYTES_MAX, RenderError},
};

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The model returned no complete response.
    #[error(transparent)]
    Llm(#[from] LlmError),
    /// The HTTP request failed.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// A tool failed, as configured by its failure rate.
    #[error("simulated failure")]
    Simulated,
    /// An attempt timed out.
    #[error("timed out after {after:?}")]
    TimedOut {
        /// The limit.
        after: Duration,
    },
    /// A template or an expression of the step could not be evaluated.
    #[error(transparent)]
    Template(#[from] RenderError),
    /// A fan-out over something that is not a list.
    #[error("`foreach` evaluated to {actual}; expected a list")]
    NotAList {
        /// What it evaluated to.
        actual: &'static str,
    },
    /// A fan-out over a list that is too long.
    #[error(
        "`foreach` evaluated to a list of {count} entries; at most {max} are allowed here (`foreach.at_most`)"
    )]
    TooManyItems {
        /// The number of entries.
        count: usize,
        /// The limit.
        max: usize,
    },
    /// The outputs of a fan-out are too long in total.
    #[error("the outputs of the fan-out have {bytes} bytes; at most {RENDERED_BYTES_MAX} are kept")]
    TooLong {
        /// Their total length.
        bytes: usize,
    },
    /// The nested chain does not exist.
    #[error("there is no chain `{chain}`")]
    UnknownChain {
        /// The name.
        chain: Arc<str>,
    },
    /// A run, with its nested runs, has started too many attempts.
    #[error("the run has already started {max} attempts of steps, the maximum")]
    TooManyAttempts {
        /// The limit.
        max: usize,
    },
    /// Chains are nested too deeply.
    #[error("chains are nested deeper than {max}")]
    TooDeep {
        /// The limit.
        max: usize,
    },
    /// The nested chain failed.
    #[error("chain `{chain}`: {error}")]
    Chain {
        /// The name.
        chain: Arc<str>,
        /// The cause.
        error: Box<RunError>,
    },
}

impl StepError {
    /// Whether another attempt may succeed.
    pub(crate) const fn is_transient(&self) -> bool {
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
    /// A step failed.
    #[error("step `{step}` failed: {error}")]
    Step {
        /// The name of the step.
        step: Arc<str>,
        /// The cause.
        error: Arc<StepError>,
    },
    /// All steps have ended, but the `result` template could not be rendered.
    #[error("the result failed: {error}")]
    Result {
        /// The cause.
        error: Arc<RenderError>,
    },
}
