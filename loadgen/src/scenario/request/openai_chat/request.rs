//! `openai.chat`: `POST /v1/chat/completions`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use weir_pace::Amount;

use crate::task::{Auth, Templates};

use super::OpenaiChat;
use crate::scenario::error::Invalid;
use crate::scenario::request::Request;
use crate::scenario::request::draft::Draft;
use crate::scenario::request::generation::{Api, Generation, StreamUsage};
use crate::scenario::request::prompt::{self, Messages, RawPrompt};

/// A chat completion: `POST /v1/chat/completions`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChat {
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
    /// The messages, each `{ role, content }`.
    #[schemars(with = "Option<serde_json::Value>")]
    messages: Option<toml::Value>,
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

const CHAT: Api = Api {
    path: "/v1/chat/completions",
    title: "chat",
    auth: Auth::Bearer,
    max_tokens: "max_tokens",
    usage: StreamUsage::OnRequest,
};

pub(super) fn check(raw: RawChat, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
    let RawChat { prompt, prompt_tokens, shared_prefix_tokens, .. } = raw;
    let RawChat { max_tokens, temperature, tools, stream, extra, .. } = raw;
    let mut draft = Draft::new(key, &raw.model, &raw.headers, templates)?;
    let opening = raw.system.map(|system| json!({ "role": "system", "content": system }));
    let prompt = RawPrompt { prompt, prompt_tokens, shared_prefix_tokens };
    prompt::messages(&mut draft, Messages::MESSAGES, opening, prompt, raw.messages)?;
    Generation { max_tokens, temperature, tools, stream, extra }.finish(draft, &CHAT, OpenaiChat)
}
