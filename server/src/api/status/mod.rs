//! Health and metrics.

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};
use serde_json::json;

use crate::{
    backend::{Api, Description},
    request::{Problem, ProblemKind, RequestContext, Route, json_answer, plain_dialect},
};

const OPENMETRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// The server's own state: health and metrics.
#[derive(Debug)]
pub(crate) struct Status;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Health,
    Metrics,
}

impl Api for Status {
    type Endpoint = Endpoint;

    const ENDPOINTS: &'static [Endpoint] = &[Endpoint::Health, Endpoint::Metrics];
    const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: "{}" };

    fn route(endpoint: Endpoint) -> Route {
        match endpoint {
            Endpoint::Health => Route::get("/health", plain_dialect),
            Endpoint::Metrics => Route::get("/metrics", plain_dialect),
        }
    }

    async fn answer(&self, endpoint: Endpoint, call: &mut RequestContext) -> Result<Response, Problem> {
        match endpoint {
            Endpoint::Health => health(call),
            Endpoint::Metrics => metrics(call),
        }
    }
}

/// `GET /health`.
fn health(call: &RequestContext) -> Result<Response, Problem> {
    let server = &call.server;
    // This request is one of them, and does not count as load.
    let in_flight = server.metrics.in_flight.get() - 1;
    Ok(json_answer(&json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "timer": server.clock.kind().to_string(),
        "time_scale": server.config.time_scale,
        "requests_in_flight": in_flight,
        "llm_calls_running": server.metrics.llm_running.get(),
        "llm_calls_waiting": server.metrics.llm_waiting.get(),
    })))
}

/// `GET /metrics`.
fn metrics(call: &RequestContext) -> Result<Response, Problem> {
    let text = call.server.metrics.render().map_err(|error| {
        Problem::new(ProblemKind::ServerError, format!("the metrics could not be written: {error}"))
    })?;
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, OPENMETRICS);
    Ok(response)
}
