//! `openai.responses`: `POST /v1/responses`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use weir_pace::Amount;

use crate::task::{Auth, Templates};

use super::OpenaiResponses;
use crate::scenario::error::Invalid;
use crate::scenario::request::Request;
use crate::scenario::request::draft::Draft;
use crate::scenario::request::generation::{Api, Generation, StreamUsage};
use crate::scenario::request::prompt::{self, Messages, RawPrompt};

/// A response: `POST /v1/responses`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawResponses {
    /// The model; it may be a template.
    model: String,
    /// The system prompt, before all messages.
    system: Option<String>,
    /// The message of the user: a conversation of one message. It may be a template.
    prompt: Option<String>,
    /// The approximate number of tokens of a made-up prompt, which differs in each request.
    #[schemars(with = "Option<crate::scenario::schema::Amount>")]
    prompt_tokens: Option<Amount>,
    /// The number of tokens before the prompt that are the same in each request, as in a long system prompt.
    shared_prefix_tokens: Option<u64>,
    /// What is read.
    #[schemars(with = "Option<serde_json::Value>")]
    input: Option<toml::Value>,
    /// Output tokens at most.
    #[schemars(with = "Option<crate::scenario::schema::Amount>")]
    max_tokens: Option<Amount>,
    /// The temperature.
    temperature: Option<f64>,
    /// Tools, as the API has them.
    #[schemars(with = "Option<serde_json::Value>")]
    tools: Option<toml::Value>,
    /// Whether the answer comes token by token (false).
    #[serde(default)]
    stream: bool,
    /// Any further members of the body, as the API has them.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    #[serde(default)]
    extra: toml::Table,
    /// Headers of this request; they may be templates.
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

const INPUT: Messages = Messages {
    name: "input",
    needed: "`prompt` (text), `prompt_tokens` (how many) or `input` (a list of items)",
};

const RESPONSES: Api = Api {
    path: "/v1/responses",
    title: "responses",
    auth: Auth::Bearer,
    max_tokens: "max_output_tokens",
    usage: StreamUsage::Always,
};

pub(super) fn check(raw: RawResponses, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
    let RawResponses { prompt, prompt_tokens, shared_prefix_tokens, .. } = raw;
    let RawResponses { max_tokens, temperature, tools, stream, extra, .. } = raw;
    let mut draft = Draft::new(key, &raw.model, &raw.headers, templates)?;
    draft.json("instructions", raw.system)?;
    let prompt = RawPrompt { prompt, prompt_tokens, shared_prefix_tokens };
    prompt::messages(&mut draft, INPUT, None, prompt, raw.input)?;
    Generation { max_tokens, temperature, tools, stream, extra }.finish(draft, &RESPONSES, OpenaiResponses)
}
