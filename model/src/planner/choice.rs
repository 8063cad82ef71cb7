//! Builds one choice of a response.

use std::{cell::Cell, time::Duration};

use weir_pace::Seed;

use super::{
    GenerationRequest,
    draft::{Draft, first_stop},
    generation_request::{Format, Tool, ToolCalls, ToolChoice, ToolInput},
    reasoning,
};
use crate::{
    content::{Choice, Finish, SegmentKind, Text},
    profile::Profile,
    refusal::Refusal,
    schema::{Schema, Schemas},
    script::{Action, Fallback, ResponseMode, Rule, ScriptedCall},
};

/// The share of answers with two tool calls, if several are allowed.
const TWO_CALLS_SHARE: f64 = 0.25;
/// Tokens of the free-text input of a tool.
const TOOL_TEXT_TOKENS: u32 = 12;

/// Builds the choices of one response.
pub(super) struct ChoiceBuilder<'a> {
    pub(super) profile: &'a Profile,
    pub(super) request: &'a GenerationRequest<'a>,
    pub(super) schemas: &'a Schemas,
    /// Tokens that the context has left.
    pub(super) tokens_left: u32,
    pub(super) plan: Plan<'a>,
    /// The work that was spent on choices so far.
    pub(super) work: Cell<u64>,
}

/// What a response contains.
pub(super) enum Plan<'a> {
    Natural,
    Echo,
    Fixed(&'a str),
    Say { texts: &'a [String], calls: &'a [ScriptedCall] },
    Refuse(&'a str),
}

impl<'a> Plan<'a> {
    /// Returns the plan for a request by the response mode, and the additional delay before the first token.
    pub(super) fn new(
        profile: &Profile,
        request: &GenerationRequest<'_>,
        mode: &'a ResponseMode,
    ) -> Result<(Self, Duration), Refusal> {
        let plan = match mode {
            ResponseMode::Natural => Self::Natural,
            ResponseMode::Echo => Self::Echo,
            ResponseMode::Fixed(text) => Self::Fixed(text),
            ResponseMode::Script(script) => {
                match (script.rule(&profile.name, &request.transcript), script.otherwise()) {
                    (Some(rule), _) => return Ok((Self::of(rule)?, rule.delay)),
                    (None, Fallback::Natural) => Self::Natural,
                    (None, Fallback::Echo) => Self::Echo,
                    (None, Fallback::Fixed(text)) => Self::Fixed(text),
                }
            }
        };
        Ok((plan, Duration::ZERO))
    }

    fn of(rule: &'a Rule) -> Result<Self, Refusal> {
        match &rule.action {
            Action::Say { texts, calls } => Ok(Self::Say { texts, calls }),
            Action::Refuse(text) => Ok(Self::Refuse(text)),
            Action::Fail(error) => Err(Refusal::Scripted(std::sync::Arc::clone(error))),
        }
    }
}

impl ChoiceBuilder<'_> {
    /// Returns the choice whose words are derived from `seed`.
    pub(super) fn choice(&self, seed: Seed) -> Result<Choice, Refusal> {
        let mut draft = self.begin(seed);
        if draft.is_used_up() {
            return Ok(draft.end(Finish::Length));
        }
        match self.plan {
            Plan::Natural => self.natural(draft, seed),
            Plan::Echo => {
                let text = &self.request.transcript.last_user;
                self.spend(text.len() as u64);
                draft.add_stopped(SegmentKind::Text, text, &self.request.stop);
                Ok(draft.end(Finish::Stop))
            }
            Plan::Fixed(text) => {
                self.spend(text.len() as u64);
                draft.add_stopped(SegmentKind::Text, text, &self.request.stop);
                Ok(draft.end(Finish::Stop))
            }
            Plan::Say { texts, calls } => self.scripted(draft, texts, calls, seed),
            Plan::Refuse(text) => {
                draft.add_given(SegmentKind::Refusal, text);
                Ok(draft.end(Finish::Refused))
            }
        }
    }

    /// Returns one of the texts, and then the tool calls.
    fn scripted(
        &self,
        mut draft: Draft,
        texts: &[String],
        calls: &[ScriptedCall],
        seed: Seed,
    ) -> Result<Choice, Refusal> {
        let which = (seed.named("say").unit() * texts.len() as f64) as usize;
        if let Some(text) = texts.get(which) {
            self.spend(text.len() as u64);
            draft.add_stopped(SegmentKind::Text, text, &self.request.stop);
        }
        for (index, ScriptedCall { tool, arguments }) in (0..).zip(calls) {
            let offered = self.request.tools.iter().find(|offered| *offered.name == **tool);
            let written = match (arguments, offered) {
                (Some(arguments), _) => arguments.clone(),
                (None, Some(offered)) => self.tool_input(offered, seed.named("call").derive(index))?,
                (None, None) => "{}".to_owned(),
            };
            draft.add_given(SegmentKind::ToolCall { name: tool.clone() }, &written);
        }
        Ok(draft.end(if calls.is_empty() { Finish::Stop } else { Finish::ToolCalls }))
    }

    /// Returns a draft with the reasoning.
    fn begin(&self, seed: Seed) -> Draft {
        let mut draft = Draft::new(self.request.max_tokens.unwrap_or(self.tokens_left));
        let tokens = reasoning::tokens(self.profile, self.request, seed).min(draft.left());
        if tokens > 0 {
            draft.add_natural(SegmentKind::Reasoning, seed.named("reasoning"), tokens);
        }
        draft
    }

    fn natural(&self, mut draft: Draft, seed: Seed) -> Result<Choice, Refusal> {
        let calls = self.calls(seed);
        if !calls.is_empty() {
            for (index, tool) in (0..).zip(calls) {
                let input = self.tool_input(tool, seed.named("call").derive(index))?;
                draft.add_given(SegmentKind::ToolCall { name: (*tool.name).into() }, &input);
            }
            return Ok(draft.end(Finish::ToolCalls));
        }
        match &self.request.format {
            Format::Text => Ok(self.prose(draft, seed)),
            Format::JsonObject => self.json(draft, self.schemas.any_object(), seed),
            Format::Schema(schema) => self.json(draft, &*self.schemas.get_lenient(schema)?, seed),
            Format::StringOf(schema) => {
                let json = self.write(&*self.schemas.get_lenient(schema)?, seed.named("json"));
                let text = serde_json::from_str(&json).unwrap_or(json);
                draft.add_stopped(SegmentKind::Text, &text, &self.request.stop);
                Ok(draft.end(Finish::Stop))
            }
        }
    }

    /// Natural text of the requested length, or of the profile's length if none is requested.
    fn prose(&self, mut draft: Draft, seed: Seed) -> Choice {
        let (tokens, finish) = if self.request.has_natural_length() {
            let natural = self.profile.output_tokens.sample(&mut seed.named("length").rng());
            let natural = u32::try_from(natural).unwrap_or(u32::MAX);
            (natural.max(self.request.min_tokens).max(1), Finish::Stop)
        } else {
            (draft.left(), Finish::Length)
        };
        if !self.request.stop.is_empty() {
            let tokens = tokens.min(draft.left());
            self.spend(u64::from(tokens) * self.request.stop.len() as u64);
            let text = Text::natural(seed, tokens).to_string();
            if first_stop(&text, &self.request.stop).is_some() {
                draft.add_stopped(SegmentKind::Text, &text, &self.request.stop);
                return draft.end(Finish::Stop);
            }
        }
        draft.add_natural(SegmentKind::Text, seed, tokens);
        draft.end(finish)
    }

    fn json(&self, mut draft: Draft, schema: &Schema, seed: Seed) -> Result<Choice, Refusal> {
        draft.add_stopped(SegmentKind::Text, &self.write(schema, seed.named("json")), &self.request.stop);
        Ok(draft.end(Finish::Stop))
    }

    /// Chooses the tools to call.
    fn calls(&self, seed: Seed) -> Vec<&Tool<'_>> {
        let tools = &self.request.tools;
        match &self.request.tool_choice {
            _ if !self.request.is_for_calls() => Vec::new(),
            ToolChoice::Named(name) => tools.iter().find(|tool| tool.name == *name).into_iter().collect(),
            ToolChoice::None | ToolChoice::Auto | ToolChoice::Required => {
                let first = (seed.named("tool").unit() * tools.len() as f64) as usize;
                let two = self.request.tool_calls == ToolCalls::Several
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
            (ToolInput::Json, Some(schema)) => Ok(self.write(&*self.schemas.get_lenient(schema)?, seed)),
        }
    }

    fn write(&self, schema: &Schema, seed: Seed) -> String {
        let (text, work) = schema.write_counted(seed);
        self.spend(work + text.len() as u64);
        text
    }

    fn spend(&self, work: u64) {
        self.work.set(self.work.get().saturating_add(work));
    }
}
