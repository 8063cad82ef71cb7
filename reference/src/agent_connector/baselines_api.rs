//! The endpoints of baselines.

use std::borrow::Cow;

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    baseline::{Baseline, BaselineId, Existing, FileName, Listing, Report, Store},
    state::AgentConnector,
};
use weir_server::{Problem, ProblemKind, RequestContext, json, json_answer};

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

#[derive(Deserialize)]
#[serde(expecting = "a JSON object with test_results_file and perhaps baseline_name")]
struct RawRequest<'a> {
    #[serde(borrow)]
    test_results_file: Cow<'a, str>,
    /// Without it, the baseline gets a generated id.
    baseline_name: Option<String>,
    /// Whether an existing baseline of that name is replaced.
    overwrite: Option<bool>,
}

/// `POST /api/load-test/baseline`.
pub(super) async fn make(connector: &AgentConnector, call: &mut RequestContext) -> Result<Response, Problem> {
    let body = call.body().await?;
    let request: RawRequest<'_> = json::read_with_place(&body)?;
    let unique = call.server.ids.next();
    let results = FileName::read("test_results_file", &request.test_results_file)?;
    let name = request.baseline_name.unwrap_or_else(|| format!("baseline_{unique}"));
    let id = BaselineId::read("baseline_name", &name)?;
    let existing = if request.overwrite == Some(true) { Existing::Replace } else { Existing::Keep };
    let store = &connector.baselines;
    let baseline = store.blocking(move |store| store.make(&results, &id, existing, &unique)).await?;
    baseline_response(&baseline)
}

/// `GET /api/load-test/baselines`.
pub(super) async fn list(connector: &AgentConnector) -> Result<Response, Problem> {
    let store = &connector.baselines;
    let Listing { baselines, unreadable, left_out } = store.blocking(Store::list).await?;
    let unreadable: Vec<String> = unreadable.iter().map(ToString::to_string).collect();
    Ok(json_answer(&json!({
        "success": true,
        "baselines": baselines,
        "unreadable": unreadable,
        "left_out": left_out,
    })))
}

/// `GET /api/load-test/baselines/{id}`.
pub(super) async fn one(connector: &AgentConnector, call: &mut RequestContext) -> Result<Response, Problem> {
    baseline_response(&found(connector, call).await?)
}

/// `GET /api/load-test/baselines/{id}/report`.
pub(super) async fn report(
    connector: &AgentConnector,
    call: &mut RequestContext,
) -> Result<Response, Problem> {
    let baseline = found(connector, call).await?;
    let mut response = Response::new(Body::from(Report(&baseline).to_string()));
    response.headers_mut().insert(header::CONTENT_TYPE, TEXT);
    Ok(response)
}

async fn found(connector: &AgentConnector, call: &mut RequestContext) -> Result<Baseline, Problem> {
    let name = call.name().await?;
    let id = BaselineId::read("baseline_id", &name)?;
    connector.baselines.blocking(move |store| store.one(&id)).await
}

fn baseline_response(baseline: &Baseline) -> Result<Response, Problem> {
    let mut answer = serde_json::to_value(baseline).map_err(|error| {
        Problem::new(ProblemKind::ServerError, format!("the baseline could not be written as JSON: {error}"))
    })?;
    if let Value::Object(fields) = &mut answer {
        fields.insert("success".to_owned(), true.into());
    }
    Ok(json_answer(&answer))
}
