//! `openai.embeddings`: `POST /v1/embeddings`.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use weir_pace::Amount;

use crate::task::{Auth, Reading, Templates};

use super::OpenaiEmbeddings;
use crate::scenario::error::{Invalid, ScenarioProblem};
use crate::scenario::request::Request;
use crate::scenario::request::draft::{Draft, Envelope};
use crate::scenario::request::prompt::RawPrompt;

/// Embeddings: `POST /v1/embeddings`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEmbeddings {
    /// The model; it may be a template.
    model: String,
    /// A text or a list of them.
    #[schemars(with = "Option<serde_json::Value>")]
    input: Option<toml::Value>,
    /// The approximate number of tokens of a made-up prompt, which differs in each request.
    #[schemars(with = "Option<crate::scenario::schema::Amount>")]
    prompt_tokens: Option<Amount>,
    /// The number of tokens before the prompt that are the same in each request, as in a long system prompt.
    shared_prefix_tokens: Option<u64>,
    /// Any further members of the body, as the API has them.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    #[serde(default)]
    extra: toml::Table,
    /// Headers of this request; they may be templates.
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

pub(super) fn check(raw: RawEmbeddings, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
    let RawEmbeddings { prompt_tokens, shared_prefix_tokens, .. } = raw;
    let mut draft = Draft::new(key, &raw.model, &raw.headers, templates)?;
    let prompt = RawPrompt { prompt: None, prompt_tokens, shared_prefix_tokens }.check(&mut draft)?;
    match (raw.input, prompt) {
        (Some(input @ (toml::Value::String(_) | toml::Value::Array(_))), None) => {
            draft.toml("input", Some(input))?;
        }
        (Some(other), None) => {
            return Err(Invalid::unexpected(draft.key_of("input"), "a text or a list of texts", &other));
        }
        (None, Some(prompt)) => draft.prompt("input", prompt),
        (Some(_), Some(_)) => {
            let because = "the input is either written or made up";
            let problem = ScenarioProblem::Conflict { other: "prompt_tokens", because };
            return Err(Invalid::new(draft.key_of("input"), problem));
        }
        (None, None) => {
            let needed = "`input` (a text, or a list of them) or `prompt_tokens` (how many)";
            return Err(Invalid::new(draft.key_of("input"), ScenarioProblem::Missing { needed }));
        }
    }
    let envelope = Envelope {
        path: "/v1/embeddings",
        title: "embeddings",
        reading: Reading::Plain(Arc::new(OpenaiEmbeddings)),
        auth: Auth::Bearer,
    };
    draft.finish(raw.extra, envelope)
}
