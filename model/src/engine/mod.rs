//! How concurrent calls share a simulated replica.

mod independent;
mod turns;

use std::{fmt::Debug, sync::Arc, time::Duration, time::Instant};

pub use independent::IndependentEngine;
pub use turns::{Turn, TurnTable};

use crate::{
    content::Content, planner::ScriptedError, profile::Profile, schedule::Schedule, schema::SchemaError,
};

/// One LLM call that asks to be admitted.
#[derive(Clone, Debug)]
pub struct Job {
    /// The model that is asked.
    pub profile: Arc<Profile>,
    /// Tokens of the whole prompt.
    pub prompt_tokens: u32,
    /// What will be said.
    pub content: Content,
    /// How much longer than by its profile the model takes to begin (before the time scale).
    pub delay: Duration,
    /// Fixes the duration of the whole call (before the time scale), whatever the profile says.
    pub total: Option<Duration>,
    /// A hash of all that the client said: delays depend on it (and the seed, and how often it has come) alone.
    pub body: u64,
    /// The instant from which delays count.
    pub start: Instant,
}

/// A call that an engine has admitted. Dropping it cancels the call.
#[derive(Debug)]
pub struct Lease {
    /// What will be said.
    pub content: Content,
    /// When its tokens are due.
    pub schedule: Schedule,
}

/// Why a call is not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Prompt and answer together do not fit the model's context.
    #[error(
        "this model's maximum context length is {context} tokens, but {prompt_tokens} are in the prompt \
         and {max_tokens} were asked for: {} too many", u64::from(*prompt_tokens) + u64::from(*max_tokens) - u64::from(*context)
    )]
    ContextExceeded {
        /// The model's limit.
        context: u32,
        /// Tokens of the prompt.
        prompt_tokens: u32,
        /// Tokens asked for.
        max_tokens: u32,
    },
    /// There is no answer of the form that was asked for.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A script wants this error.
    #[error(transparent)]
    Scripted(Arc<ScriptedError>),
}

/// Decides when each admitted call says what.
pub trait Engine: Debug + Send + Sync {
    /// Admits `job` or says why not. Never waits.
    fn admit(&self, job: Job) -> Result<Lease, Refusal>;
}
