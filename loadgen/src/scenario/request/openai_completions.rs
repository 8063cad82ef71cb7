//! `openai.completions`: `POST /v1/completions`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use weir_pace::Amount;

use crate::task::{Auth, PlainKind, Reading, StreamKind, Templates};

use super::super::error::{Invalid, ScenarioProblem};
use super::super::headers;
use super::Request;
use super::draft::{Draft, Envelope};
use super::prompt::RawPrompt;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCompletions {
    model: String,
    prompt: Option<String>,
    prompt_tokens: Option<Amount>,
    shared_prefix_tokens: Option<u64>,
    max_tokens: Option<Amount>,
    temperature: Option<f64>,
    #[serde(default)]
    stream: bool,
    #[serde(default)]
    extra: toml::Table,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

pub(super) fn check(raw: RawCompletions, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
    let RawCompletions { prompt, prompt_tokens, shared_prefix_tokens, .. } = raw;
    let headers = headers::parse(&raw.headers, &format!("{key}.headers"), templates)?;
    let mut draft = Draft::new(key, templates);
    draft.model(&raw.model)?;
    let prompt = RawPrompt { prompt, prompt_tokens, shared_prefix_tokens }.check(&mut draft)?;
    let prompt = prompt.ok_or_else(|| {
        let needed = "`prompt` (text) or `prompt_tokens` (how many)";
        Invalid::new(draft.key_of("prompt"), ScenarioProblem::Missing { needed })
    })?;
    draft.prompt("prompt", prompt);
    draft.count("max_tokens", raw.max_tokens);
    draft.json("temperature", raw.temperature)?;
    if raw.stream {
        draft.json("stream", Some(true))?;
        draft.json("stream_options", Some(json!({ "include_usage": true })))?;
    }
    let reading = if raw.stream {
        Reading::Stream(StreamKind::Completions)
    } else {
        Reading::Plain(PlainKind::Completions)
    };
    let envelope =
        Envelope { path: "/v1/completions", title: "completions", reading, auth: Auth::Bearer, headers };
    draft.finish(raw.extra, envelope)
}
