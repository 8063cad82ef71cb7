//! `openai.chat`: `POST /v1/chat/completions`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use weir_pace::Amount;

use crate::task::{Auth, PlainKind, Reading, StreamKind, Templates};

use super::super::error::Invalid;
use super::super::headers;
use super::Request;
use super::draft::{Draft, Envelope};
use super::prompt::{self, Messages, RawPrompt};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChat {
    model: String,
    system: Option<String>,
    prompt: Option<String>,
    prompt_tokens: Option<Amount>,
    shared_prefix_tokens: Option<u64>,
    messages: Option<toml::Value>,
    max_tokens: Option<Amount>,
    temperature: Option<f64>,
    tools: Option<toml::Value>,
    #[serde(default)]
    stream: bool,
    #[serde(default)]
    extra: toml::Table,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

const MESSAGES: Messages = Messages {
    name: "messages",
    needed: "`prompt` (text), `prompt_tokens` (how many) or `messages` (a list of { role, content })",
};

pub(super) fn check(raw: RawChat, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
    let RawChat { prompt, prompt_tokens, shared_prefix_tokens, .. } = raw;
    let headers = headers::parse(&raw.headers, &format!("{key}.headers"), templates)?;
    let mut draft = Draft::new(key, templates);
    draft.model(&raw.model)?;
    let opening = raw.system.map(|system| json!({ "role": "system", "content": system }));
    let prompt = RawPrompt { prompt, prompt_tokens, shared_prefix_tokens };
    prompt::messages(&mut draft, MESSAGES, opening, prompt, raw.messages)?;
    draft.count("max_tokens", raw.max_tokens);
    draft.json("temperature", raw.temperature)?;
    draft.toml("tools", raw.tools)?;
    if raw.stream {
        draft.json("stream", Some(true))?;
        // Without it the answer does not say how many tokens it holds.
        draft.json("stream_options", Some(json!({ "include_usage": true })))?;
    }
    let reading =
        if raw.stream { Reading::Stream(StreamKind::Chat) } else { Reading::Plain(PlainKind::Chat) };
    let envelope =
        Envelope { path: "/v1/chat/completions", title: "chat", reading, auth: Auth::Bearer, headers };
    draft.finish(raw.extra, envelope)
}
