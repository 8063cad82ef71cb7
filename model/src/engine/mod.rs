//! How concurrent calls share a simulated replica.

mod batching;
mod by_profile;
mod independent;
mod prefix;
mod turns;

use std::{fmt::Debug, sync::Arc, time::Duration, time::Instant};

pub use batching::{BatchingEngine, ReplicaStats};
pub use by_profile::ProfileEngine;
pub use independent::IndependentEngine;
pub use prefix::PromptPrefix;
pub use turns::{Turn, TurnTable};

use crate::{content::Content, profile::Profile, refusal::Refusal, schedule::Schedule};

/// One LLM call to be admitted.
#[derive(Clone, Debug)]
pub struct Job {
    /// The requested model.
    pub profile: Arc<Profile>,
    /// Tokens of the whole prompt.
    pub prompt_tokens: u32,
    /// The content of the response.
    pub content: Content,
    /// Additional delay before the first token (before the time scale).
    pub delay: Duration,
    /// Overrides the duration of the whole call (before the time scale).
    pub total: Option<Duration>,
    /// A hash of the request body: delays depend only on it, the seed, and the number of earlier requests with it.
    pub body: u64,
    /// The instant from which delays count.
    pub start: Instant,
    /// Calls with a lower value are scheduled first, if the engine's policy is by priority.
    pub priority: i32,
    /// The beginning of the prompt, for engines with a prefix cache.
    pub prefix: PromptPrefix,
}

/// A call that an engine has admitted. Dropping it cancels the call.
#[derive(Debug)]
pub struct Lease {
    /// The content of the response.
    pub content: Content,
    /// The deadlines of its tokens.
    pub schedule: Schedule,
    /// The tokens of the prompt that are in the engine's prefix cache on admission, if it has one.
    pub cached_tokens: Option<u32>,
}

impl Lease {
    /// The deadline of the first token that the client receives, if it is known: later than the model's first token if its
    /// reasoning is hidden.
    pub fn first_visible(&self) -> Option<Instant> {
        match self.content.hidden_step_count() {
            0 => self.schedule.first(),
            steps => self.schedule.planned(steps),
        }
    }
}

/// Decides when the tokens of each admitted call are due.
pub trait Engine: Debug + Send + Sync {
    /// Admits `job` or returns why not. Never waits.
    fn admit(&self, job: Job) -> Result<Lease, Refusal>;
}
