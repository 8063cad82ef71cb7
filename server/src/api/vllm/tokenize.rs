//! `POST /tokenize`.

use std::borrow::Cow;

use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::api::{Call, Problem, call::Incoming, call::json_answer, generation, json};

#[derive(Deserialize)]
#[serde(expecting = "a text to tokenize, a JSON object")]
struct RawTokenize<'a> {
    #[serde(borrow)]
    model: Option<Cow<'a, str>>,
    #[serde(borrow)]
    prompt: Cow<'a, str>,
    return_token_strs: Option<bool>,
}

/// The tokens of a prompt.
pub(super) async fn tokenize(call: &mut Call) -> Result<Response, Problem> {
    call.read(|incoming| answer(&incoming)).await.map(|answer| json_answer(&answer))
}

fn answer(incoming: &Incoming<'_>) -> Result<serde_json::Value, Problem> {
    let raw: RawTokenize<'_> = json::read(incoming.body)?;
    let model = raw.model.as_deref().unwrap_or(&incoming.app.config.models.default);
    let profile = generation::profile(incoming.app, Some(model))?;
    let tokens = weir_model::encode(&raw.prompt);
    let strings: Option<Vec<String>> = raw
        .return_token_strs
        .unwrap_or(false)
        .then(|| tokens.iter().map(|token| weir_model::decode(&[*token])).collect());
    Ok(json!({
        "count": tokens.len(),
        "max_model_len": profile.context,
        "tokens": tokens,
        "token_strs": strings,
    }))
}
