//! Plans the content of responses.

mod choice;
mod cost;
mod draft;
mod generation_request;
mod reasoning;
mod reply_cache;

use std::{cell::Cell, time::Duration};

pub use cost::Cost;
pub use generation_request::{
    Eos, Format, GenerationRequest, Reasoning, Tool, ToolCalls, ToolChoice, ToolInput,
};
use weir_pace::Seed;

use self::{
    choice::{ChoiceBuilder, Plan},
    reply_cache::{Key, ReplyCache},
};
use crate::{
    content::{Content, StepSizes},
    profile::{Profile, ReasoningVisibility},
    refusal::Refusal,
    schema::Schemas,
    script::ResponseMode,
};

/// The reply to one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The content.
    pub content: Content,
    /// Additional delay before the first token.
    pub delay: Duration,
}

/// Plans the content of responses from (seed, request) alone, so that a repeated request gets the same reply.
#[derive(Debug)]
pub struct ResponsePlanner {
    seed: Seed,
    schemas: Schemas,
    reply_cache: ReplyCache,
}

impl ResponsePlanner {
    /// A planner whose words are derived from `seed`.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { seed, schemas: Schemas::new(), reply_cache: ReplyCache::default() }
    }

    /// The cache of compiled schemas.
    #[must_use]
    pub const fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// Returns the reply of the model of `profile`; fails if the request cannot be answered.
    pub fn reply(&self, profile: &Profile, request: &GenerationRequest<'_>) -> Result<Reply, Refusal> {
        let tokens_left = tokens_left(profile, request)?;
        let mode = request.mode.as_ref().unwrap_or(&profile.mode);
        if *mode == ResponseMode::Natural && request.is_for_prose() {
            // Prose is not stored, so it need not be cached.
            return self.answer(profile, request, mode, tokens_left);
        }
        let key = Key::new(&profile.name, mode, request);
        if let Some(reply) = self.reply_cache.get(key) {
            return Ok(reply);
        }
        let reply = self.answer(profile, request, mode, tokens_left)?;
        self.reply_cache.insert(key, &reply);
        Ok(reply)
    }

    fn answer(
        &self,
        profile: &Profile,
        request: &GenerationRequest<'_>,
        mode: &ResponseMode,
        tokens_left: u32,
    ) -> Result<Reply, Refusal> {
        let (plan, delay) = Plan::new(profile, request, mode)?;
        let seed = self.seed.derive(request.body);
        let work = Cell::new(0);
        let answer = ChoiceBuilder { profile, request, schemas: &self.schemas, tokens_left, plan, work };
        let mut choices = vec![answer.choice(seed)?];
        for index in 1..=request.more_choices {
            choices.push(match choices.first() {
                Some(first) if answer.work.get() > cost::WORK_MAX => first.clone(),
                _ => answer.choice(choice_seed(seed, index))?,
            });
        }
        let sizes = StepSizes::new(&profile.tokens_per_event, seed.named("events"));
        let content = Content::new(choices).with_step_sizes(sizes);
        let content = match reasoning::visibility(profile) {
            ReasoningVisibility::Shown => content,
            ReasoningVisibility::Hidden => content.with_hidden_reasoning(),
        };
        Ok(Reply { content, delay })
    }
}

/// The first choice has the same words as the only choice of a request for one.
fn choice_seed(seed: Seed, index: u32) -> Seed {
    if index == 0 { seed } else { seed.named("choice").derive(index.into()) }
}

/// Returns the tokens that the context has left for an answer; fails if the request asks for more.
fn tokens_left(profile: &Profile, request: &GenerationRequest<'_>) -> Result<u32, Refusal> {
    let max_tokens = request.max_tokens.unwrap_or(0);
    let exceeded = Refusal::ContextExceeded {
        context: profile.context,
        prompt_tokens: request.prompt_tokens,
        max_tokens,
    };
    profile
        .context
        .checked_sub(request.prompt_tokens)
        .filter(|tokens_left| *tokens_left >= max_tokens)
        .ok_or(exceeded)
}

#[cfg(test)]
mod tests;
