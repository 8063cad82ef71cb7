//! `openai.responses`: `POST /v1/responses`.

use std::collections::BTreeMap;

use serde::Deserialize;
use weir_pace::Amount;

use crate::task::{Auth, PlainKind, Reading, StreamKind, Templates};

use super::super::error::Invalid;
use super::super::headers;
use super::Request;
use super::draft::{Draft, Envelope};
use super::prompt::{self, Messages, RawPrompt};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawResponses {
    model: String,
    system: Option<String>,
    prompt: Option<String>,
    prompt_tokens: Option<Amount>,
    shared_prefix_tokens: Option<u64>,
    input: Option<toml::Value>,
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

const INPUT: Messages = Messages {
    name: "input",
    needed: "`prompt` (text), `prompt_tokens` (how many) or `input` (a list of items)",
};

pub(super) fn check(raw: RawResponses, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
    let RawResponses { prompt, prompt_tokens, shared_prefix_tokens, .. } = raw;
    let headers = headers::parse(&raw.headers, &format!("{key}.headers"), templates)?;
    let mut draft = Draft::new(key, templates);
    draft.model(&raw.model)?;
    draft.json("instructions", raw.system)?;
    let prompt = RawPrompt { prompt, prompt_tokens, shared_prefix_tokens };
    prompt::messages(&mut draft, INPUT, None, prompt, raw.input)?;
    draft.count("max_output_tokens", raw.max_tokens);
    draft.json("temperature", raw.temperature)?;
    draft.toml("tools", raw.tools)?;
    draft.json("stream", raw.stream.then_some(true))?;
    let reading = if raw.stream {
        Reading::Stream(StreamKind::Responses)
    } else {
        Reading::Plain(PlainKind::Responses)
    };
    let envelope =
        Envelope { path: "/v1/responses", title: "responses", reading, auth: Auth::Bearer, headers };
    draft.finish(raw.extra, envelope)
}
