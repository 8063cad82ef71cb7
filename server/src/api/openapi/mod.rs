//! A description of what is served, for programs and for people.
//!
//! # Layout
//! - `operation`: what each API's `operations.toml` says of its endpoints
//! - `document`: the OpenAPI document, made of the routes, of that, and of each API's `schemas.json`
//! - `page.html`: shows the document

mod document;
mod operation;

use std::sync::LazyLock;

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderValue, header};

pub(crate) use self::operation::Description;
use super::{Call, Problem, Route, json, problem::Kind, reference::chain_backend::dialect};

const PAGE: &str = include_str!("page.html");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Made when it is first asked for.
static DOCUMENT: LazyLock<Result<Bytes, document::Broken>> =
    LazyLock::new(|| document::text().map(Bytes::from));

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Document,
    Page,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 2] = [Self::Document, Self::Page];
    pub(crate) const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::Document => Route::get("/openapi.json", dialect),
            Self::Page => Route::get("/docs", dialect),
        }
    }

    pub(super) async fn answer(self, _call: &mut Call) -> Result<Response, Problem> {
        let (content_type, body) = match self {
            Self::Document => {
                let text = DOCUMENT.as_ref().map_err(broken)?;
                (json::CONTENT_TYPE, Body::from(text.clone()))
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
