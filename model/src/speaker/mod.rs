//! Decides what a model says.

mod answer;
mod ask;
mod draft;
mod says;

use std::time::Duration;

pub use ask::{
    Ask, Eos, Format, Last, Reasoning, Tool, ToolCalls, ToolChoice, ToolInput, ToolResult, Transcript,
};
pub use says::Says;
use weir_pace::Seed;

use self::answer::Answer;
use crate::{content::Content, engine::Refusal, profile::Profile, schema::Schemas};

/// What is said to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The words.
    pub content: Content,
    /// How much longer than by its profile the model takes to begin.
    pub delay: Duration,
}

/// Decides what is said: by (seed, request) alone, so that it is the same whenever it is asked.
#[derive(Debug)]
pub struct Speaker {
    seed: Seed,
    schemas: Schemas,
}

impl Speaker {
    /// A speaker whose words follow from `seed`.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { seed, schemas: Schemas::new() }
    }

    /// The schemas that it has met.
    #[must_use]
    pub const fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// What the model of `profile` says to `ask`, or why it does not.
    pub fn reply(&self, profile: &Profile, ask: &Ask<'_>) -> Result<Reply, Refusal> {
        let room = room(profile, ask)?;
        let seed = self.seed.derive(ask.body);
        let answer = Answer { profile, ask, schemas: &self.schemas, room };
        let choices = (0..=ask.more_choices).map(|index| answer.choice(choice_seed(seed, index)));
        Ok(Reply { content: Content::new(choices.collect::<Result<_, Refusal>>()?), delay: Duration::ZERO })
    }
}

/// The first choice has the words of a request for one.
fn choice_seed(seed: Seed, index: u32) -> Seed {
    if index == 0 { seed } else { seed.named("choice").derive(index.into()) }
}

/// How many tokens the context has left for an answer: not fewer than are asked for.
fn room(profile: &Profile, ask: &Ask<'_>) -> Result<u32, Refusal> {
    let max_tokens = ask.max_tokens.unwrap_or(0);
    let exceeded =
        Refusal::ContextExceeded { context: profile.context, prompt_tokens: ask.prompt_tokens, max_tokens };
    profile.context.checked_sub(ask.prompt_tokens).filter(|room| *room >= max_tokens).ok_or(exceeded)
}

#[cfg(test)]
mod tests;
