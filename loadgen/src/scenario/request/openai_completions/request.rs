//! `openai.completions`: `POST /v1/completions`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use weir_pace::Amount;

use crate::task::{Auth, Templates};

use super::OpenaiCompletions;
use crate::scenario::error::{Invalid, ScenarioProblem};
use crate::scenario::request::Request;
use crate::scenario::request::draft::Draft;
use crate::scenario::request::generation::{Api, Generation, StreamUsage};
use crate::scenario::request::prompt::RawPrompt;

/// A text completion: `POST /v1/completions`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCompletions {
    /// The model; it may be a template.
    model: String,
    /// The message of the user: a conversation of one message. It may be a template.
    prompt: Option<String>,
    /// The approximate number of tokens of a made-up prompt, which differs in each request.
    #[schemars(with = "Option<crate::scenario::schema::Amount>")]
    prompt_tokens: Option<Amount>,
    /// The number of tokens before the prompt that are the same in each request, as in a long system prompt.
    shared_prefix_tokens: Option<u64>,
    /// Output tokens at most.
    #[schemars(with = "Option<crate::scenario::schema::Amount>")]
    max_tokens: Option<Amount>,
    /// The temperature.
    temperature: Option<f64>,
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

const COMPLETIONS: Api = Api {
    path: "/v1/completions",
    title: "completions",
    auth: Auth::Bearer,
    max_tokens: "max_tokens",
    usage: StreamUsage::OnRequest,
};

pub(super) fn check(raw: RawCompletions, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
    let RawCompletions { prompt, prompt_tokens, shared_prefix_tokens, .. } = raw;
    let RawCompletions { max_tokens, temperature, stream, extra, .. } = raw;
    let mut draft = Draft::new(key, &raw.model, &raw.headers, templates)?;
    let prompt = RawPrompt { prompt, prompt_tokens, shared_prefix_tokens }.check(&mut draft)?;
    let prompt = prompt.ok_or_else(|| {
        let needed = "`prompt` (text) or `prompt_tokens` (how many)";
        Invalid::new(draft.key_of("prompt"), ScenarioProblem::Missing { needed })
    })?;
    draft.prompt("prompt", prompt);
    Generation { max_tokens, temperature, tools: None, stream, extra }.finish(
        draft,
        &COMPLETIONS,
        OpenaiCompletions,
    )
}
