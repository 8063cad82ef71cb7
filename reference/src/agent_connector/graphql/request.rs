//! One request to `/graphql`.

use std::borrow::Cow;

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    super::state::AgentConnector, argument::Variables, document::Operation, error::GraphQlError, schema,
};
use weir_server::{Problem, RequestContext, json, json_answer};

#[derive(Deserialize)]
#[serde(expecting = "a GraphQL request, a JSON object")]
struct RawRequest<'a> {
    #[serde(borrow)]
    query: Cow<'a, str>,
    variables: Option<Map<String, Value>>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
}

/// Answers a query. Errors of the query itself are in `errors` with status 200, as the
/// specification "GraphQL over HTTP" requires for `application/json`.
pub(in super::super) async fn graphql(
    system: &AgentConnector,
    call: &mut RequestContext,
) -> Result<Response, Problem> {
    let body = call.body().await?;
    let request: RawRequest<'_> = json::read_with_place(&body)?;
    Ok(json_answer(&match answer(system, &request) {
        Ok(data) => json!({"data": data}),
        Err(errors) => {
            let errors: Vec<Value> = errors.iter().map(GraphQlError::describe).collect();
            json!({"errors": errors})
        }
    }))
}

fn answer(state: &AgentConnector, request: &RawRequest<'_>) -> Result<Value, Vec<GraphQlError>> {
    let operation = Operation::read(&request.query, request.operation_name.as_deref());
    let operation = operation.map_err(|error| vec![error])?;
    let none = Map::new();
    let given = request.variables.as_ref().unwrap_or(&none);
    schema::resolve(state, &operation.fields, Variables { operation: &operation, given })
}
