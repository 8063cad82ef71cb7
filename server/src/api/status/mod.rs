//! How the server is.

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};
use serde_json::json;

use super::{
    Call, Description, Problem, Route, call::json_answer, problem::Kind, reference::chain_backend::dialect,
};

const OPENMETRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Health,
    Metrics,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 2] = [Self::Health, Self::Metrics];
    pub(crate) const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: "{}" };

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::Health => Route::get("/health", dialect),
            Self::Metrics => Route::get("/metrics", dialect),
        }
    }

    pub(super) async fn answer(self, call: &mut Call) -> Result<Response, Problem> {
        match self {
            Self::Health => health(call),
            Self::Metrics => metrics(call),
        }
    }
}

/// `GET /health`.
fn health(call: &Call) -> Result<Response, Problem> {
    let app = &call.app;
    // This request is one of them, and says nothing of how busy the server is.
    let in_flight = app.metrics.in_flight.get() - 1;
    Ok(json_answer(&json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "timer": app.clock.kind().to_string(),
        "time_scale": app.config.time_scale,
        "requests_in_flight": in_flight,
        "llm_calls_running": app.metrics.llm_running.get(),
        "llm_calls_waiting": app.metrics.llm_waiting.get(),
    })))
}

/// `GET /metrics`.
fn metrics(call: &Call) -> Result<Response, Problem> {
    let text = call.app.metrics.render().map_err(|error| {
        Problem::new(Kind::ServerError, format!("the metrics could not be written: {error}"))
    })?;
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, OPENMETRICS);
    Ok(response)
}
