//! The language model client of `llm` steps.

use std::{borrow::Cow, error::Error, pin::Pin, sync::Arc, time::Duration};
use weir_pace::Suggestion;

use futures_core::Stream;

/// The events of a call; dropping it cancels the call.
pub type LlmStream = Pin<Box<dyn Stream<Item = Result<LlmEvent, LlmError>> + Send>>;

/// Executes the LLM calls of chains.
///
/// A response is a stream of events and typed errors, so that a chain has the same delays, limits and faults as any
/// other client of the model.
pub trait Llm: Send + Sync {
    /// Starts a call. Must not block; a refused call yields an error as its first item.
    fn call(&self, call: LlmCall) -> LlmStream;
}

/// A call of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LlmCall {
    /// The name of the model.
    pub model: Arc<str>,
    /// The rendered prompt.
    pub prompt: Arc<str>,
    /// The limit on output tokens, if the step sets one.
    pub max_tokens: Option<u32>,
    /// The fixed duration of the whole call, unscaled: the engine applies the time scale.
    pub total: Option<Duration>,
    /// Whether [`LlmEvent::Token`]s are read; otherwise [`LlmEvent::Finished`] alone is enough.
    pub tokens: TokenEvents,
    /// The tools that the model may call.
    pub tools: Arc<[LlmTool]>,
}

/// A tool that a model may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LlmTool {
    /// The name.
    pub name: Arc<str>,
    /// The description for the model.
    pub description: Option<String>,
    /// The JSON Schema of its parameters; `null` if it has none.
    pub parameters: serde_json::Value,
}

/// Whether tokens are emitted as events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenEvents {
    /// Tokens are emitted.
    Enabled,
    /// Only the whole response is emitted.
    #[default]
    Disabled,
}

/// An event of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LlmEvent {
    /// The text of a token.
    Token(Cow<'static, str>),
    /// The response is complete. This is the last event.
    Finished(LlmOutput),
}

/// A complete response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LlmOutput {
    /// The whole text; for a response with tool calls, the list of the calls as JSON.
    pub text: String,
    /// The tokens used.
    pub usage: Usage,
    /// Why the response ended.
    pub finish: FinishReason,
}

/// The tokens used by a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the response.
    pub completion_tokens: u64,
}

/// Why a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// The model completed its response.
    Stop,
    /// The response reached the call's token limit.
    Length,
}

/// Why a call returned no complete response. The texts are shown to the chain's client and contain no secrets.
#[derive(Debug, thiserror::Error)]
pub enum LlmError {
    /// The caller's key has exhausted its limit.
    #[error("rate limited: {message}")]
    RateLimited {
        /// The limit that was reached.
        message: String,
        /// When to retry, if known.
        retry_after: Option<Duration>,
    },
    /// The model serves too many calls to accept another one.
    #[error("overloaded: {message}")]
    Overloaded {
        /// Why it is overloaded.
        message: String,
        /// When to retry, if known.
        retry_after: Option<Duration>,
    },
    /// No model has that name.
    #[error("unknown model `{model}`{suggestion}")]
    UnknownModel {
        /// The name in the step.
        model: Arc<str>,
        /// What to write instead.
        suggestion: Suggestion,
    },
    /// The call is invalid, such as a prompt that exceeds the context of the model.
    #[error("invalid request: {message}")]
    InvalidRequest {
        /// What is wrong and what would be valid.
        message: String,
    },
    /// The model, or the connection to it, failed.
    #[error("upstream failed: {message}")]
    Upstream {
        /// What failed.
        message: String,
        /// The cause, if known.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The stream ended before the response was complete.
    #[error("the response ended before it was complete")]
    Truncated,
}
