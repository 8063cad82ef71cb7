//! A chat request: the client's JSON → a [`GenerationRequest`].

mod call;
mod content;
mod conversation;
mod message;
mod options;
mod raw;
mod tool_choice;
mod tools;

use std::{borrow::Cow, collections::BTreeMap};

use weir_model::{Eos, GenerationRequest, Schemas, TokenCounter, ToolCalls, ToolChoice};

pub(in crate::api) use self::message::{RawMessages, spoken};
pub(super) use self::tools::CallForm;
use self::{conversation::Conversation, raw::RawChat, tools::OfferedTools};
use crate::{
    api::openai::{
        bounds, effort, output_format,
        sampling::{Delivery, check_min_tokens},
        structured_outputs::RawConstraints,
    },
    config::Strictness,
    request::{Problem, json},
};

/// A checked chat request.
#[derive(Debug)]
pub(super) struct ChatRequest<'a> {
    /// `None`: the default model.
    pub(super) model: Option<Cow<'a, str>>,
    pub(super) generation_request: GenerationRequest<'a>,
    /// Audio tokens of the prompt.
    pub(super) audio_tokens: u32,
    pub(super) calls: CallForm,
    /// The number of tokens per position, if log probabilities are requested.
    pub(super) logprobs: Option<usize>,
    pub(super) service_tier: &'static str,
    pub(super) delivery: Delivery,
    pub(super) keep: Storage,
}

/// Whether the answer is stored.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Storage {
    No,
    With(BTreeMap<String, String>),
}

impl<'a> ChatRequest<'a> {
    /// Reads and checks a body. Unknown fields are ignored, as by the provider's older versions.
    pub(super) fn read(
        body: &'a [u8],
        counter: &TokenCounter,
        schemas: &Schemas,
        strictness: Strictness,
    ) -> Result<Self, Problem> {
        let raw: RawChat<'a> = json::read(body)?;
        options::check(&raw)?;
        if strictness == Strictness::Provider {
            options::check_model(&raw)?;
        }
        let max_tokens = raw.max_completion_tokens.or(raw.max_tokens);
        let min_tokens = check_min_tokens(raw.min_tokens, max_tokens)?;
        let requested_effort = options::effort(raw.reasoning_effort.as_deref())?;
        let metadata = raw.metadata.unwrap_or_default();
        bounds::metadata(&metadata)?;
        let Conversation { transcript, tokens, audio_tokens } = Conversation::read(raw.messages.0, counter)?;
        let mut offered = OfferedTools::read(raw.tools, raw.functions, counter, schemas)?;
        let tool_choice = offered.choose(raw.tool_choice, raw.function_call)?;
        let (format, format_tokens) = output_format::read(raw.response_format, counter, schemas)?;
        let constraints = RawConstraints {
            structured_outputs: raw.structured_outputs,
            guided_json: raw.guided_json,
            guided_regex: raw.guided_regex,
            guided_choice: raw.guided_choice,
            guided_grammar: raw.guided_grammar,
        };
        // A constrained answer is a text.
        let tool_choice = match tool_choice {
            ToolChoice::Auto if !constraints.is_empty() => ToolChoice::None,
            tool_choice => tool_choice,
        };
        let format = constraints.read(format, schemas)?;
        let one_call = offered.form == CallForm::Function || raw.parallel_tool_calls == Some(false);
        let generation_request = GenerationRequest {
            prompt_tokens: tokens.saturating_add(offered.tokens).saturating_add(format_tokens),
            max_tokens,
            min_tokens,
            eos: if raw.ignore_eos == Some(true) { Eos::Ignored } else { Eos::Heeded },
            more_choices: raw.n.map_or(0, |json::PositiveU32(n)| n - 1),
            stop: raw.stop.unwrap_or_default().into_sequences(),
            transcript,
            tools: offered.tools,
            tool_choice,
            tool_calls: if one_call { ToolCalls::One } else { ToolCalls::Several },
            format,
            reasoning: effort::reasoning(requested_effort),
            effort: requested_effort,
            ..GenerationRequest::default()
        };
        Ok(Self {
            model: raw.model.map(|model| model.0),
            generation_request,
            audio_tokens,
            calls: offered.form,
            logprobs: (raw.logprobs == Some(true)).then(|| raw.top_logprobs.unwrap_or(0) as usize),
            service_tier: options::service_tier(raw.service_tier.as_deref())?,
            delivery: Delivery::new(raw.stream, raw.stream_options),
            keep: if raw.store == Some(true) { Storage::With(metadata) } else { Storage::No },
        })
    }
}

#[cfg(test)]
mod tests;
