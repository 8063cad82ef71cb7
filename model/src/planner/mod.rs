//! Decides what a model says.

mod answer;
mod draft;
mod generation_request;
mod memory;
mod response_mode;
mod script;

use std::time::Duration;

pub use generation_request::{
    Eos, Format, GenerationRequest, Last, Reasoning, Tool, ToolCalls, ToolChoice, ToolInput, ToolResult,
    Transcript,
};
pub use response_mode::ResponseMode;
pub(crate) use response_mode::unknown_script;
pub(crate) use script::{BadRule, RawScript, check as check_script};
pub use script::{Script, ScriptedError};
use weir_pace::Seed;

use self::{
    answer::{Answer, Plan},
    memory::{Key, Memory},
};
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
pub struct ResponsePlanner {
    seed: Seed,
    schemas: Schemas,
    memory: Memory,
}

impl ResponsePlanner {
    /// A planner whose words follow from `seed`.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { seed, schemas: Schemas::new(), memory: Memory::default() }
    }

    /// The schemas that it has met.
    #[must_use]
    pub const fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// What the model of `profile` says to `ask`, or why it does not.
    pub fn reply(&self, profile: &Profile, ask: &GenerationRequest<'_>) -> Result<Reply, Refusal> {
        let room = room(profile, ask)?;
        let says = ask.says.as_ref().unwrap_or(&profile.says);
        if *says == ResponseMode::Natural && ask.is_for_prose() {
            // Nothing of it is held, so there is nothing to remember.
            return self.answer(profile, ask, says, room);
        }
        let key = Key::new(&profile.name, says, ask);
        if let Some(reply) = self.memory.get(key) {
            return Ok(reply);
        }
        let reply = self.answer(profile, ask, says, room)?;
        self.memory.keep(key, &reply);
        Ok(reply)
    }

    fn answer(
        &self,
        profile: &Profile,
        ask: &GenerationRequest<'_>,
        says: &ResponseMode,
        room: u32,
    ) -> Result<Reply, Refusal> {
        let (plan, delay) = Plan::new(profile, ask, says)?;
        let seed = self.seed.derive(ask.body);
        let answer = Answer { profile, ask, schemas: &self.schemas, room, plan };
        let choices = (0..=ask.more_choices).map(|index| answer.choice(choice_seed(seed, index)));
        Ok(Reply { content: Content::new(choices.collect::<Result<_, Refusal>>()?), delay })
    }
}

/// The first choice has the words of a request for one.
fn choice_seed(seed: Seed, index: u32) -> Seed {
    if index == 0 { seed } else { seed.named("choice").derive(index.into()) }
}

/// How many tokens the context has left for an answer: not fewer than are asked for.
fn room(profile: &Profile, ask: &GenerationRequest<'_>) -> Result<u32, Refusal> {
    let max_tokens = ask.max_tokens.unwrap_or(0);
    let exceeded =
        Refusal::ContextExceeded { context: profile.context, prompt_tokens: ask.prompt_tokens, max_tokens };
    profile.context.checked_sub(ask.prompt_tokens).filter(|room| *room >= max_tokens).ok_or(exceeded)
}

#[cfg(test)]
mod tests;
