//! The OpenAPI description of all endpoints.
//!
//! # Layout
//! - `operation`: reads the `operations.toml` of each API
//! - `document`: builds the document from routes, operations and each API's `schemas.json`
//! - `page.html`: shows the document

mod document;
mod operation;

use std::sync::OnceLock;

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderValue, header};

pub(crate) use self::document::{ApiDescription, EndpointStreams};
use crate::{
    backend::{Api, Description},
    request::{Problem, ProblemKind, RequestContext, Route, json, plain_dialect},
};

const PAGE: &str = include_str!("page.html");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// The description of all APIs.
#[derive(Debug)]
pub(crate) struct OpenApi {
    described: Vec<ApiDescription>,
    /// Built at the first request.
    document: OnceLock<Result<Bytes, operation::DocumentError>>,
}

impl OpenApi {
    pub(crate) const fn new(described: Vec<ApiDescription>) -> Self {
        Self { described, document: OnceLock::new() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Document,
    Page,
}

impl Api for OpenApi {
    type Endpoint = Endpoint;

    const ENDPOINTS: &'static [Endpoint] = &[Endpoint::Document, Endpoint::Page];
    const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    fn route(endpoint: Endpoint) -> Route {
        match endpoint {
            Endpoint::Document => Route::get("/openapi.json", plain_dialect),
            Endpoint::Page => Route::get("/docs", plain_dialect),
        }
    }

    async fn answer(&self, endpoint: Endpoint, _call: &mut RequestContext) -> Result<Response, Problem> {
        let (content_type, body) = match endpoint {
            Endpoint::Document => {
                let text = self.document.get_or_init(|| document::text(&self.described).map(Bytes::from));
                let text = text.as_ref().map_err(broken)?;
                (json::CONTENT_TYPE, Body::from(text.clone()))
            }
            Endpoint::Page => (HTML, Body::from(PAGE)),
        };
        let mut response = Response::new(body);
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        Ok(response)
    }
}

/// The data is part of the program, and a test reads it.
fn broken(error: &operation::DocumentError) -> Problem {
    Problem::new(ProblemKind::ServerError, format!("the description cannot be made: {error}"))
}
