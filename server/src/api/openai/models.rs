//! `/v1/models`, with vLLM's additions.

use axum::response::Response;
use serde_json::{Value, json};
use weir_model::Profile;

use super::headers::answer;
use crate::{
    api::generation,
    request::{Problem, ProblemKind, RequestContext},
};

/// The creation date of every simulated model: the beginning of 2025.
const CREATED: u64 = 1_735_689_600;

/// `GET /v1/models`.
pub(in crate::api) fn list(call: &RequestContext) -> Result<Response, Problem> {
    let models: Vec<Value> = call.server.models.iter().map(|profile| card(&profile.name, profile)).collect();
    Ok(answer(call, &json!({"object": "list", "data": models})))
}

/// `GET /v1/models/{model}`.
pub(in crate::api) async fn retrieve(call: &mut RequestContext) -> Result<Response, Problem> {
    let name = call.name().await?;
    let profile = generation::profile(&call.server, Some(&name))?;
    Ok(answer(call, &card(&name, profile)))
}

/// `DELETE /v1/models/{model}`: only the client's own models can be deleted, and there are none.
pub(in crate::api) async fn delete(call: &mut RequestContext) -> Result<Response, Problem> {
    let name = call.name().await?;
    generation::profile(&call.server, Some(&name))?;
    if call.server.models.get(&name).is_some() {
        let message = format!("You have insufficient permissions to delete the model '{name}'.");
        return Err(Problem::new(ProblemKind::Forbidden, message));
    }
    Ok(answer(call, &json!({"id": name, "object": "model", "deleted": true})))
}

fn card(name: &str, profile: &Profile) -> Value {
    json!({
        "id": name, "object": "model", "created": CREATED, "owned_by": profile.owned_by,
        "root": profile.name, "parent": null, "max_model_len": profile.context, "permission": [],
    })
}
