//! How concurrent calls share a simulated replica.

mod independent;
mod turns;

use std::{fmt::Debug, sync::Arc, time::Duration, time::Instant};

pub use independent::IndependentEngine;
pub use turns::{Turn, TurnTable};

use crate::{content::Content, profile::Profile, token_clock::TokenClock};

/// One LLM call that asks to be admitted.
#[derive(Clone, Debug)]
pub struct Job {
    /// The model that is asked.
    pub profile: Arc<Profile>,
    /// Tokens of the whole prompt.
    pub prompt_tokens: u32,
    /// The request's own limit of output tokens: the answer then has exactly that many.
    pub max_tokens: Option<u32>,
    /// Fixes the duration of the whole call (before the time scale), whatever the profile says.
    pub total: Option<Duration>,
    /// A hash of all that the client said: what is answered depends on it (and the seed) alone.
    pub body: u64,
    /// The instant from which delays count.
    pub start: Instant,
}

/// A call that an engine has admitted. Dropping it cancels the call.
#[derive(Debug)]
pub struct Lease {
    /// What will be said.
    pub content: Content,
    /// When.
    pub clock: TokenClock,
}

/// Why a call was not admitted.
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
}

/// Decides what each admitted call says and when.
pub trait Engine: Debug + Send + Sync {
    /// Admits `job` or says why not. Never waits.
    fn admit(&self, job: &Job) -> Result<Lease, Refusal>;
}
