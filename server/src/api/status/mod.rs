//! Health and metrics.

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::{
    backend::{Api, Description},
    request::{Problem, ProblemKind, RequestContext, Route, json_answer, plain_dialect},
    telemetry::Exposition,
};

/// The server's own state: health and metrics.
#[derive(Debug)]
pub(crate) struct Status;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Root,
    Ping,
    Health,
    Metrics,
}

impl Api for Status {
    type Endpoint = Endpoint;

    const ENDPOINTS: &'static [Endpoint] =
        &[Endpoint::Root, Endpoint::Ping, Endpoint::Health, Endpoint::Metrics];
    const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: "{}" };

    fn route(endpoint: Endpoint) -> Route {
        match endpoint {
            Endpoint::Root => Route::get("/", plain_dialect),
            Endpoint::Ping => Route::get("/ping", plain_dialect).get_or_post(),
            Endpoint::Health => Route::get("/health", plain_dialect),
            Endpoint::Metrics => Route::get("/metrics", plain_dialect),
        }
    }

    async fn answer(&self, endpoint: Endpoint, call: &mut RequestContext) -> Result<Response, Problem> {
        match endpoint {
            Endpoint::Root => Ok(root(call)),
            // As vLLM answers it.
            Endpoint::Ping => Ok(Response::new(Body::empty())),
            Endpoint::Health => health(call),
            Endpoint::Metrics => metrics(call),
        }
    }
}

/// `GET /`: browsers are sent to the documentation.
fn root(call: &RequestContext) -> Response {
    let accept = call.parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
        response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/docs"));
        return response;
    }
    json_answer(&json!({
        "name": "weir",
        "version": env!("CARGO_PKG_VERSION"),
        "docs": "/docs",
        "openapi": "/openapi.json",
        "health": "/health",
    }))
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

/// `GET /metrics`, in the format that the scraper prefers.
fn metrics(call: &RequestContext) -> Result<Response, Problem> {
    let accept = call.parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let format = Exposition::preferred(accept);
    let text = call.server.metrics.render(format).map_err(|error| {
        Problem::new(ProblemKind::ServerError, format!("the metrics could not be written: {error}"))
    })?;
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, format.content_type());
    Ok(response)
}
