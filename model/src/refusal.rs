//! Why a call is refused.

use std::sync::Arc;

use crate::{schema::SchemaError, script::ScriptedError};

/// Why a call is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Prompt and answer exceed the model's context.
    #[error(
        "this model's maximum context length is {context} tokens, but {prompt_tokens} are in the prompt \
         and {max_tokens} were asked for: {} too many", u64::from(*prompt_tokens) + u64::from(*max_tokens) - u64::from(*context)
    )]
    ContextExceeded {
        /// The model's limit.
        context: u32,
        /// Tokens of the prompt.
        prompt_tokens: u32,
        /// Requested tokens.
        max_tokens: u32,
    },
    /// The requested schema cannot be satisfied.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// An error of a script.
    #[error(transparent)]
    Scripted(Arc<ScriptedError>),
}
