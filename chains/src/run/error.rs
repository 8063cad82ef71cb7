//! Why a step or a run failed.

use std::sync::Arc;

use crate::{llm::LlmError, plan::RenderError};

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The model gave no complete answer.
    #[error(transparent)]
    Llm(#[from] LlmError),
    /// The step's template could not be rendered.
    #[error(transparent)]
    Template(#[from] RenderError),
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
    /// All steps completed, but the chain's `result` template could not be rendered.
    #[error("the result failed: {error}")]
    Result {
        /// Why.
        error: Arc<RenderError>,
    },
}
