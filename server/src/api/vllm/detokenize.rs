//! `POST /detokenize`.

use std::borrow::Cow;

use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::api::{Call, Problem, call::Incoming, call::json_answer, generation, json};

#[derive(Deserialize)]
#[serde(expecting = "tokens, a JSON object")]
struct RawDetokenize<'a> {
    #[serde(borrow)]
    model: Option<Cow<'a, str>>,
    tokens: Vec<u32>,
}

/// The text of tokens.
pub(super) async fn detokenize(call: &mut Call) -> Result<Response, Problem> {
    call.read(|incoming| answer(&incoming)).await.map(|answer| json_answer(&answer))
}

fn answer(incoming: &Incoming<'_>) -> Result<serde_json::Value, Problem> {
    let raw: RawDetokenize<'_> = json::read(incoming.body)?;
    let model = raw.model.as_deref().unwrap_or(&incoming.app.config.models.default);
    generation::profile(incoming.app, Some(model))?;
    Ok(json!({"prompt": weir_model::decode(&raw.tokens)}))
}
