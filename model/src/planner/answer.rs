//! One choice of an answer.

use std::time::Duration;

use weir_pace::Seed;

use super::{
    GenerationRequest, ResponseMode,
    draft::{Draft, first_stop},
    generation_request::{Eos, Format, Reasoning, Tool, ToolCalls, ToolChoice, ToolInput},
    script::{Act, Otherwise, Rule, ScriptedCall},
};
use crate::{
    content::{Choice, Finish, Kind, Text},
    engine::Refusal,
    profile::Profile,
    schema::{Schema, Schemas},
};

/// How often a model that may call several tools calls two.
const TWO_CALLS_SHARE: f64 = 0.25;
/// Tokens of a text that a tool takes as it is.
const TOOL_TEXT_TOKENS: u32 = 12;

/// How one request is answered.
pub(super) struct Answer<'a> {
    pub(super) profile: &'a Profile,
    pub(super) ask: &'a GenerationRequest<'a>,
    pub(super) schemas: &'a Schemas,
    /// Tokens that the context has left.
    pub(super) room: u32,
    pub(super) plan: Plan<'a>,
}

/// What is to be said.
pub(super) enum Plan<'a> {
    Natural,
    Echo,
    Fixed(&'a str),
    Say { texts: &'a [String], calls: &'a [ScriptedCall] },
    Refuse(&'a str),
}

impl<'a> Plan<'a> {
    /// What a model that talks as `says` has it is to say, and how much longer it takes to begin.
    pub(super) fn new(
        profile: &Profile,
        ask: &GenerationRequest<'_>,
        says: &'a ResponseMode,
    ) -> Result<(Self, Duration), Refusal> {
        let plan = match says {
            ResponseMode::Natural => Self::Natural,
            ResponseMode::Echo => Self::Echo,
            ResponseMode::Fixed(text) => Self::Fixed(text),
            ResponseMode::Script(script) => match (script.rule(&profile.name, ask), script.otherwise()) {
                (Some(rule), _) => return Ok((Self::of(rule)?, rule.delay)),
                (None, Otherwise::Natural) => Self::Natural,
                (None, Otherwise::Echo) => Self::Echo,
                (None, Otherwise::Fixed(text)) => Self::Fixed(text),
            },
        };
        Ok((plan, Duration::ZERO))
    }

    fn of(rule: &'a Rule) -> Result<Self, Refusal> {
        match &rule.act {
            Act::Say { texts, calls } => Ok(Self::Say { texts, calls }),
            Act::Refuse(text) => Ok(Self::Refuse(text)),
            Act::Fail(error) => Err(Refusal::Scripted(std::sync::Arc::clone(error))),
        }
    }
}

impl Answer<'_> {
    /// The choice whose words follow from `seed`.
    pub(super) fn choice(&self, seed: Seed) -> Result<Choice, Refusal> {
        let mut draft = self.begin(seed);
        match self.plan {
            Plan::Natural => self.natural(draft, seed),
            Plan::Echo => {
                draft.add_stopped(Kind::Text, &self.ask.transcript.last_user, &self.ask.stop);
                Ok(draft.end(Finish::Stop))
            }
            Plan::Fixed(text) => {
                draft.add_stopped(Kind::Text, text, &self.ask.stop);
                Ok(draft.end(Finish::Stop))
            }
            Plan::Say { texts, calls } => self.scripted(draft, texts, calls, seed),
            Plan::Refuse(text) => {
                draft.add_given(Kind::Refusal, text);
                Ok(draft.end(Finish::Refused))
            }
        }
    }

    /// One of the texts, and then the calls.
    fn scripted(
        &self,
        mut draft: Draft,
        texts: &[String],
        calls: &[ScriptedCall],
        seed: Seed,
    ) -> Result<Choice, Refusal> {
        let which = (seed.named("say").unit() * texts.len() as f64) as usize;
        if let Some(text) = texts.get(which) {
            draft.add_stopped(Kind::Text, text, &self.ask.stop);
        }
        for (index, ScriptedCall { tool, arguments }) in (0..).zip(calls) {
            let offered = self.ask.tools.iter().find(|offered| *offered.name == **tool);
            let written = match (arguments, offered) {
                (Some(arguments), _) => arguments.clone(),
                (None, Some(offered)) => self.tool_input(offered, seed.named("call").derive(index))?,
                (None, None) => "{}".to_owned(),
            };
            draft.add_given(Kind::ToolCall { name: tool.clone() }, &written);
        }
        Ok(draft.end(if calls.is_empty() { Finish::Stop } else { Finish::ToolCalls }))
    }

    /// What is thought before.
    fn begin(&self, seed: Seed) -> Draft {
        let mut draft = Draft::new(self.ask.max_tokens.unwrap_or(self.room));
        if let Reasoning::Tokens(tokens) = self.ask.reasoning {
            let tokens = tokens.min(draft.left() / 2);
            if tokens > 0 {
                draft.add_natural(Kind::Reasoning, seed.named("reasoning"), tokens);
            }
        }
        draft
    }

    fn natural(&self, mut draft: Draft, seed: Seed) -> Result<Choice, Refusal> {
        let calls = self.calls(seed);
        if !calls.is_empty() {
            for (index, tool) in (0..).zip(calls) {
                let input = self.tool_input(tool, seed.named("call").derive(index))?;
                draft.add_given(Kind::ToolCall { name: (*tool.name).into() }, &input);
            }
            return Ok(draft.end(Finish::ToolCalls));
        }
        match self.ask.format {
            Format::Text => Ok(self.prose(draft, seed)),
            Format::JsonObject => self.json(draft, self.schemas.any_object(), seed),
            Format::Schema(schema) => self.json(draft, &*self.schemas.get(schema)?, seed),
        }
    }

    /// Text of exactly the length that was asked for, or of the model's own choosing where nothing was asked.
    fn prose(&self, mut draft: Draft, seed: Seed) -> Choice {
        let (tokens, finish) = match (self.ask.max_tokens, self.ask.eos) {
            (Some(_), _) | (None, Eos::Ignored) => (draft.left(), Finish::Length),
            (None, Eos::Heeded) => {
                let natural = self.profile.output_tokens.sample(&mut seed.named("length").rng());
                let natural = u32::try_from(natural).unwrap_or(u32::MAX);
                (natural.max(self.ask.min_tokens).max(1), Finish::Stop)
            }
        };
        if !self.ask.stop.is_empty() {
            let text = Text::natural(seed, tokens.min(draft.left())).to_string();
            if first_stop(&text, &self.ask.stop).is_some() {
                draft.add_stopped(Kind::Text, &text, &self.ask.stop);
                return draft.end(Finish::Stop);
            }
        }
        draft.add_natural(Kind::Text, seed, tokens);
        draft.end(finish)
    }

    fn json(&self, mut draft: Draft, schema: &Schema, seed: Seed) -> Result<Choice, Refusal> {
        draft.add_stopped(Kind::Text, &schema.write(seed.named("json")), &self.ask.stop);
        Ok(draft.end(Finish::Stop))
    }

    /// The tools that are called.
    fn calls(&self, seed: Seed) -> Vec<&Tool<'_>> {
        let tools = &self.ask.tools;
        match &self.ask.tool_choice {
            _ if !self.ask.is_for_calls() => Vec::new(),
            ToolChoice::Named(name) => tools.iter().find(|tool| tool.name == *name).into_iter().collect(),
            ToolChoice::None | ToolChoice::Auto | ToolChoice::Required => {
                let first = (seed.named("tool").unit() * tools.len() as f64) as usize;
                let two = self.ask.tool_calls == ToolCalls::Several
                    && tools.len() > 1
                    && seed.named("calls").unit() < TWO_CALLS_SHARE;
                let count = if two { 2 } else { 1 };
                tools.iter().cycle().skip(first).take(count.min(tools.len())).collect()
            }
        }
    }

    fn tool_input(&self, tool: &Tool<'_>, seed: Seed) -> Result<String, Refusal> {
        match (tool.input, tool.parameters) {
            (ToolInput::Text, _) => Ok(Text::natural(seed, TOOL_TEXT_TOKENS).to_string()),
            (ToolInput::Json, None) => Ok("{}".to_owned()),
            (ToolInput::Json, Some(schema)) => Ok(self.schemas.get(schema)?.write(seed)),
        }
    }
}
