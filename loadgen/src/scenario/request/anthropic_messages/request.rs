//! `anthropic.messages`: `POST /v1/messages`.

use std::collections::BTreeMap;

use ::http::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::Deserialize;
use weir_pace::Amount;

use crate::task::{Auth, Templates};

use super::AnthropicMessages;
use crate::scenario::error::{Invalid, ScenarioProblem};
use crate::scenario::request::Request;
use crate::scenario::request::draft::Draft;
use crate::scenario::request::generation::{Api, Generation, StreamUsage};
use crate::scenario::request::prompt::{self, Messages, RawPrompt};

/// A message: `POST /v1/messages`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMessages {
    /// The model; it may be a template.
    model: String,
    /// The system prompt, before all messages.
    #[schemars(with = "Option<serde_json::Value>")]
    system: Option<toml::Value>,
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
    /// Output tokens at most; the API wants it.
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

/// Each request must name a version of the API; `headers` can set another one.
const VERSION: (HeaderName, HeaderValue) =
    (HeaderName::from_static("anthropic-version"), HeaderValue::from_static("2023-06-01"));

const MESSAGES: Api = Api {
    path: "/v1/messages",
    title: "messages",
    auth: Auth::ApiKey,
    max_tokens: "max_tokens",
    usage: StreamUsage::Always,
};

pub(super) fn check(raw: RawMessages, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
    let RawMessages { prompt, prompt_tokens, shared_prefix_tokens, .. } = raw;
    let RawMessages { max_tokens, temperature, tools, stream, extra, .. } = raw;
    let mut draft = Draft::new(key, &raw.model, &raw.headers, templates)?;
    if max_tokens.is_none() {
        let needed = "the API refuses requests without it (max_tokens = 1024)";
        return Err(Invalid::new(draft.key_of("max_tokens"), ScenarioProblem::Missing { needed }));
    }
    let (name, version) = VERSION;
    draft.default_header(name, version);
    draft.toml("system", raw.system)?;
    let prompt = RawPrompt { prompt, prompt_tokens, shared_prefix_tokens };
    prompt::messages(&mut draft, Messages::MESSAGES, None, prompt, raw.messages)?;
    Generation { max_tokens, temperature, tools, stream, extra }.finish(draft, &MESSAGES, AnthropicMessages)
}
