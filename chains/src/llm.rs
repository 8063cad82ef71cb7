//! What a chain asks of a language model. The effect itself is the caller's.

use std::{borrow::Cow, error::Error, pin::Pin, sync::Arc, time::Duration};

use futures_core::Stream;

/// The events of one call; dropping it cancels the call.
pub type LlmStream = Pin<Box<dyn Stream<Item = Result<LlmEvent, LlmError>> + Send>>;

/// Answers the LLM calls of chains.
///
/// An answer is a stream of events and typed errors, never a finished text, so that a chain meets the
/// same delays, limits and faults as any other client of that model.
pub trait Llm: Send + Sync {
    /// Begins a call. It must not block; refusals are the stream's first item.
    fn call(&self, call: LlmCall) -> LlmStream;
}

/// One call that a step makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LlmCall {
    /// The model as the chain names it.
    pub model: Arc<str>,
    /// The rendered prompt.
    pub prompt: Arc<str>,
    /// The limit of output tokens, if the step sets one.
    pub max_tokens: Option<u32>,
    /// Fixes the duration of the whole call. Not scaled: time scales are the engine's business.
    pub total: Option<Duration>,
    /// Whether anybody reads [`LlmEvent::Token`]s; without, only [`LlmEvent::Finished`] is needed.
    pub tokens: TokenEvents,
    /// What the model may ask for instead of answering.
    pub tools: Arc<[LlmTool]>,
}

/// Something that a model may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LlmTool {
    /// By which it is asked for.
    pub name: Arc<str>,
    /// What it is good for, in words for the model.
    pub description: Option<String>,
    /// What it takes: a JSON Schema. `null` when it takes nothing.
    pub parameters: serde_json::Value,
}

/// Whether tokens are wanted as events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenEvents {
    /// Tokens come as events.
    Wanted,
    /// Only whole answers are of interest.
    #[default]
    NotWanted,
}

/// What a call reports on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LlmEvent {
    /// A piece of the answer.
    Token(Cow<'static, str>),
    /// The answer is complete. Nothing is read after this.
    Finished(LlmOutput),
}

/// A complete answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LlmOutput {
    /// The whole text. Of an answer that asks for tools, the list of what it asks for, as JSON.
    pub text: String,
    /// What the call cost.
    pub usage: Usage,
    /// Why the answer ended.
    pub finish: Finish,
}

/// Tokens of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model had said what it had to say.
    Stop,
    /// The answer was cut at the call's token limit.
    Length,
}

/// Why a call gave no complete answer. The texts are for the chain's client and hold no secrets.
#[derive(Debug, thiserror::Error)]
pub enum LlmError {
    /// The caller's key has used up its limit.
    #[error("rate limited: {message}")]
    RateLimited {
        /// Which limit.
        message: String,
        /// When to come back, if that is known.
        retry_after: Option<Duration>,
    },
    /// The model serves too many calls to take another one.
    #[error("overloaded: {message}")]
    Overloaded {
        /// Of what there is too much.
        message: String,
        /// When to come back, if that is known.
        retry_after: Option<Duration>,
    },
    /// No model has that name.
    #[error("unknown model `{model}`{}", hint(.nearest.as_deref()))]
    UnknownModel {
        /// The name that the step gives.
        model: Arc<str>,
        /// The known name that looks most like it.
        nearest: Option<String>,
    },
    /// The call itself is at fault, such as a prompt beyond the model's context.
    #[error("invalid request: {message}")]
    InvalidRequest {
        /// What is wrong, and what would be right.
        message: String,
    },
    /// The model, or the way to it, failed.
    #[error("upstream failed: {message}")]
    Upstream {
        /// What failed.
        message: String,
        /// Why, if there is more to say.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The stream ended before its answer was complete.
    #[error("the answer broke off before its end")]
    Truncated,
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}
