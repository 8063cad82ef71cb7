//! A description of what is served, for programs and for people.
//!
//! # Layout
//! - `operation`: what `operations.toml` says of each endpoint
//! - `document`: the OpenAPI document, made of the routes, of that, and of `schemas.json`
//! - `page.html`: shows the document

mod document;
mod operation;

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};

use super::{Call, Dialect, Problem, Route, json, problem::Kind};

const PAGE: &str = include_str!("page.html");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Document,
    Page,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 2] = [Self::Document, Self::Page];

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::Document => Route::get("/openapi.json", Dialect::ChainBackend),
            Self::Page => Route::get("/docs", Dialect::ChainBackend),
        }
    }

    pub(super) fn answer(self, _call: &Call) -> Result<Response, Problem> {
        let (content_type, body) = match self {
            Self::Document => {
                (json::CONTENT_TYPE, Body::from(document::text().map_err(|error| broken(&error))?))
            }
            Self::Page => (HTML, Body::from(PAGE)),
        };
        let mut response = Response::new(body);
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        Ok(response)
    }
}

/// The data is part of the program, and a test reads it.
fn broken(error: &document::Broken) -> Problem {
    Problem::new(Kind::ServerError, format!("the description cannot be made: {error}"))
}
