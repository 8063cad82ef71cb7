//! Why a call is refused.

use std::{sync::Arc, time::Duration};

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
    /// Prompt and answers do not fit into the KV cache of a replica.
    #[error(
        "prompt and answers have up to {tokens} tokens, but the KV cache of this model's engine has {capacity}"
    )]
    KvCacheExceeded {
        /// The tokens that fit.
        capacity: u64,
        /// The tokens of prompt and answers.
        tokens: u64,
    },
    /// The queue of the engine is full.
    #[error("the engine is overloaded: {waiting} requests are waiting; try again in {:.3}s", retry_after.as_secs_f64())]
    QueueFull {
        /// The number of waiting calls.
        waiting: usize,
        /// When the next running call is expected to end.
        retry_after: Duration,
    },
    /// The requested schema cannot be satisfied.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// An error of a script.
    #[error(transparent)]
    Scripted(Arc<ScriptedError>),
}
