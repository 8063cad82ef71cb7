//! Requests to run a chain.

use http::{HeaderMap, Method};
use serde_json::{Map, Value};

use crate::fields;
use weir_server::{Problem, RequestContext, StepOrder, json};

/// Returns the input of a run: the query parameters of GET, or the body, a JSON object; by default an empty object.
pub(super) async fn input(call: &mut RequestContext) -> Result<Value, Problem> {
    let pairs = call.query().await?;
    let query = pairs.into_iter().map(|(name, value)| (name, Value::String(value)));
    let mut input: Map<String, Value> = query.collect();
    if call.parts.method == Method::GET {
        return Ok(Value::Object(input));
    }
    let body = call.body().await?;
    if !body.trim_ascii().is_empty() {
        input.extend(json::read_with_place::<Map<String, Value>>(&body)?);
    }
    Ok(Value::Object(input))
}

/// Returns the execution mode of the header, or that of the settings.
pub(super) fn step_order(headers: &HeaderMap, default: StepOrder) -> Result<StepOrder, Problem> {
    Ok(match fields::flag(headers, "X-Enable-Parallel")? {
        Some(true) => StepOrder::Parallel,
        Some(false) => StepOrder::Sequential,
        None => default,
    })
}
