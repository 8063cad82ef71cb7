//! `GET /v1/models`.

use axum::response::Response;
use serde_json::json;

use crate::api::{Call, Problem, call::json_answer};

/// When every simulated model was made: the beginning of 2025.
const CREATED: u64 = 1_735_689_600;

/// The list of models, with vLLM's additions.
pub(in crate::api) fn models(call: &Call) -> Result<Response, Problem> {
    let models: Vec<_> = call
        .app
        .models
        .iter()
        .map(|profile| {
            json!({
                "id": profile.name, "object": "model", "created": CREATED, "owned_by": profile.owned_by,
                "root": profile.name, "parent": null, "max_model_len": profile.context, "permission": [],
            })
        })
        .collect();
    Ok(json_answer(&json!({"object": "list", "data": models})))
}
