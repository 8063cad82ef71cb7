//! A request for a response: the client's JSON → a [`GenerationRequest`].

use std::{borrow::Cow, collections::BTreeMap};

use serde::Deserialize;
use serde_json::value::RawValue;
use weir_model::{Effort, Format, GenerationRequest, Schemas, TokenCounter, ToolCalls};

use super::{
    conversation::{Conversation, TOKENS_PER_MESSAGE},
    tools::{TOOLS_MAX, Tools},
};
use crate::{
    api::openai::{
        bounds::{self, decimal, integer, text_length},
        effort,
        sampling::check_stream_options,
        strict_schema::check_strict,
        strictness::{is_reasoning, unsupported_parameter},
    },
    request::{
        Problem,
        json::{self, List, Object},
    },
};

/// Tokens around the whole prompt, as in the provider's chat format.
const TOKENS_OF_REPLY_PRIMING: u32 = 3;
/// The provider's limit.
const IDENTIFIER_MAX: usize = 128;
/// The minimum limit of output tokens (the provider's).
const OUTPUT_TOKENS_MIN: u32 = 16;

/// A raw request. Fields that the answer only repeats stay raw JSON.
#[derive(Deserialize)]
pub(super) struct RawRequest<'a> {
    #[serde(borrow)]
    pub(super) model: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) instructions: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) previous_response_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) conversation: Option<&'a RawValue>,
    pub(super) stream: Option<bool>,
    stream_options: Option<Object<RawStreamOptions>>,
    pub(super) background: Option<bool>,
    pub(super) store: Option<bool>,
    pub(super) max_output_tokens: Option<u32>,
    pub(super) max_tool_calls: Option<u32>,
    #[serde(borrow)]
    pub(super) tools: Option<List<&'a RawValue, TOOLS_MAX>>,
    #[serde(borrow)]
    pub(super) tool_choice: Option<&'a RawValue>,
    pub(super) parallel_tool_calls: Option<bool>,
    #[serde(borrow)]
    pub(super) text: Option<Object<RawText<'a>>>,
    reasoning: Option<Object<RawReasoning>>,
    pub(super) include: Option<Vec<Include>>,
    pub(super) metadata: Option<BTreeMap<String, String>>,
    pub(super) temperature: Option<f64>,
    pub(super) top_p: Option<f64>,
    pub(super) top_logprobs: Option<u32>,
    pub(super) truncation: Option<Truncation>,
    pub(super) service_tier: Option<ServiceTier>,
    #[serde(borrow)]
    pub(super) prompt: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) prompt_cache_key: Option<Cow<'a, str>>,
    pub(super) prompt_cache_retention: Option<CacheRetention>,
    #[serde(borrow)]
    pub(super) safety_identifier: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) user: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct RawStreamOptions {
    /// Padding against traffic analysis, which is never added here.
    #[serde(rename = "include_obfuscation")]
    _include_obfuscation: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct RawText<'a> {
    #[serde(borrow)]
    pub(super) format: Option<Object<RawFormat<'a>>>,
    pub(super) verbosity: Option<Verbosity>,
}

#[derive(Deserialize)]
pub(super) struct RawFormat<'a> {
    #[serde(rename = "type")]
    pub(super) kind: FormatKind,
    #[serde(borrow)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) description: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) schema: Option<&'a RawValue>,
    pub(super) strict: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FormatKind {
    Text,
    JsonObject,
    JsonSchema,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verbosity {
    Low,
    Medium,
    High,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
struct RawReasoning {
    effort: Option<Effort>,
    summary: Option<Summary>,
    /// The older name of the summary.
    generate_summary: Option<Summary>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Summary {
    Auto,
    Concise,
    Detailed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Truncation {
    Auto,
    Disabled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ServiceTier {
    Auto,
    Default,
    Flex,
    Scale,
    Priority,
    Fast,
    Ultrafast,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum CacheRetention {
    #[serde(rename = "in_memory", alias = "in-memory")]
    InMemory,
    #[serde(rename = "24h")]
    Day,
}

/// Additional contents of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Include {
    #[serde(rename = "file_search_call.results")]
    FileSearchResults,
    #[serde(rename = "web_search_call.results")]
    WebSearchResults,
    #[serde(rename = "web_search_call.action.sources")]
    WebSearchSources,
    #[serde(rename = "message.input_image.image_url")]
    InputImageUrl,
    #[serde(rename = "computer_call_output.output.image_url")]
    ComputerImageUrl,
    #[serde(rename = "code_interpreter_call.outputs")]
    CodeOutputs,
    #[serde(rename = "reasoning.encrypted_content")]
    EncryptedReasoning,
    #[serde(rename = "message.output_text.logprobs")]
    Logprobs,
}

impl<'a> RawRequest<'a> {
    /// Reads a body. Unknown fields are ignored.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Problem> {
        json::read(body)
    }

    /// Refuses values that the provider refuses.
    pub(super) fn check(&self) -> Result<(), Problem> {
        decimal("temperature", self.temperature, &(0.0..=2.0))?;
        decimal("top_p", self.top_p, &(0.0..=1.0))?;
        integer("top_logprobs", self.top_logprobs, &(0..=20))?;
        integer("max_output_tokens", self.max_output_tokens, &(OUTPUT_TOKENS_MIN..=u32::MAX))?;
        check_stream_options(self.stream, self.stream_options.is_some())?;
        for (param, text) in
            [("safety_identifier", &self.safety_identifier), ("prompt_cache_key", &self.prompt_cache_key)]
        {
            text_length(param, text.as_deref().unwrap_or_default(), IDENTIFIER_MAX)?;
        }
        if let Some(metadata) = &self.metadata {
            bounds::metadata(metadata)?;
        }
        if self.background == Some(true) && self.store == Some(false) {
            let message = "Background mode requires 'store' to be true.".to_owned();
            return Err(Problem::field("background", "invalid_value", message));
        }
        Ok(())
    }

    /// Refuses parameters that the provider's reasoning models do not take.
    pub(super) fn check_model(&self) -> Result<(), Problem> {
        if !self.model.as_deref().is_some_and(is_reasoning) {
            return Ok(());
        }
        let given = [("temperature", self.temperature), ("top_p", self.top_p)];
        match given.into_iter().find(|(_, value)| value.is_some_and(|value| value != 1.0)) {
            Some((param, _)) => Err(unsupported_parameter(param, None)),
            None => Ok(()),
        }
    }

    /// Checks that there is something to answer. The provider's SDK also sends requests without model and input.
    pub(super) fn check_input(&self) -> Result<(), Problem> {
        let has_input = self.input.is_some()
            || self.previous_response_id.is_some()
            || self.prompt.is_some()
            || self.conversation.is_some();
        if has_input || self.model.is_none() {
            return Ok(());
        }
        let message =
            "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation_id' must be provided.";
        Err(Problem::field("input", "missing_required_parameter", message.to_owned()))
    }

    /// Returns the request to the model after `conversation`, which includes the input.
    pub(super) fn generation_request(
        &self,
        conversation: &Conversation<'a>,
        schemas: &Schemas,
        counter: &TokenCounter,
    ) -> Result<GenerationRequest<'a>, Problem> {
        let tools = Tools::read(self.tools(), self.tool_choice, schemas)?;
        Ok(GenerationRequest {
            prompt_tokens: self.prompt_tokens(conversation, counter),
            max_tokens: self.max_output_tokens,
            transcript: conversation.transcript.clone(),
            tools: tools.callable,
            tool_choice: tools.choice,
            tool_calls: match self.parallel_tool_calls {
                Some(false) => ToolCalls::One,
                Some(true) | None => ToolCalls::Several,
            },
            format: self.format(schemas)?,
            reasoning: effort::reasoning(self.model_effort()),
            effort: self.model_effort(),
            ..GenerationRequest::default()
        })
    }

    /// The tools of the request.
    pub(super) fn tools(&self) -> &[&'a RawValue] {
        self.tools.as_ref().map_or(&[], |List(tools)| tools)
    }

    fn prompt_tokens(&self, conversation: &Conversation<'_>, counter: &TokenCounter) -> u32 {
        let instructions = self
            .instructions
            .as_ref()
            .map_or(0, |text| TOKENS_PER_MESSAGE.saturating_add(counter.count(text)));
        let tools = self.tools().iter().map(|tool| counter.count(tool.get()));
        let base = TOKENS_OF_REPLY_PRIMING.saturating_add(conversation.tokens).saturating_add(instructions);
        tools.fold(base, u32::saturating_add)
    }

    fn format(&self, schemas: &Schemas) -> Result<Format<'a>, Problem> {
        let Some(format) = self.text.as_ref().and_then(|text| text.format.as_deref()) else {
            return Ok(Format::Text);
        };
        match format.kind {
            FormatKind::Text => Ok(Format::Text),
            FormatKind::JsonObject => Ok(Format::JsonObject),
            FormatKind::JsonSchema => {
                let needed = |field: &str| json::missing(&format!("text.format.{field}"));
                let name = format.name.as_deref().ok_or_else(|| needed("name"))?;
                let schema = format.schema.ok_or_else(|| needed("schema"))?.get();
                let checked = match format.strict {
                    Some(true) => check_strict(schema, schemas),
                    Some(false) | None => {
                        schemas.get_lenient(schema).map(|_| ()).map_err(|error| error.to_string())
                    }
                };
                checked.map_err(|error| {
                    let message = format!("Invalid schema for response_format '{name}': {error}");
                    Problem::field("text.format.schema", "invalid_json_schema", message)
                })?;
                Ok(Format::Schema(schema.into()))
            }
        }
    }

    pub(super) fn effort(&self) -> Option<Effort> {
        self.reasoning.as_ref()?.effort
    }

    /// The number of tokens per position, if log probabilities are requested.
    pub(super) fn logprobs(&self) -> Option<usize> {
        let is_included = self.include.as_ref().is_some_and(|include| include.contains(&Include::Logprobs));
        let top = self.top_logprobs.unwrap_or(0);
        (is_included || top > 0).then_some(top as usize)
    }

    /// The requested summary of the reasoning.
    pub(super) fn summary(&self) -> Option<Summary> {
        let reasoning = self.reasoning.as_ref()?;
        reasoning.summary.or(reasoning.generate_summary)
    }

    /// The requested effort of the model. A requested summary needs some reasoning.
    fn model_effort(&self) -> Option<Effort> {
        self.effort().or(self.summary().map(|_| Effort::Medium))
    }

    /// The id of the request's conversation.
    pub(super) fn conversation_id(&self) -> Result<Option<Cow<'a, str>>, Problem> {
        #[derive(Deserialize)]
        struct RawConversation<'a> {
            #[serde(borrow)]
            id: Cow<'a, str>,
        }
        let Some(raw) = self.conversation else { return Ok(None) };
        if raw.get().starts_with('"') {
            return json::read_part("conversation", raw).map(Some);
        }
        json::read_part("conversation", raw).map(|Object(RawConversation { id })| Some(id))
    }
}

#[cfg(test)]
mod tests;
