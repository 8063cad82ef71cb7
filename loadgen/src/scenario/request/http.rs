//! `http`: any request.

use std::collections::BTreeMap;

use ::http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

use crate::redact::without_secret_query_values;
use crate::task::{Auth, Base, Blueprint, Body, Headers, Reading, Templates, Text};

use super::super::error::{Invalid, ScenarioProblem};
use super::super::headers;
use super::super::table::read_table;
use super::dialect::{Dialect, request_shape};
use super::{Request, events, json, path};

/// Any request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawHttp {
    /// `GET`, or `POST` where there is a body, without it.
    method: Option<String>,
    /// Path and query, beginning with a slash.
    path: String,
    /// Text is sent as it is, anything else as JSON.
    #[schemars(with = "Option<serde_json::Value>")]
    body: Option<toml::Value>,
    /// Whose events the answer holds, where it is a stream.
    events: Option<String>,
    /// Where an event of `any` stream has its content.
    content: Option<String>,
    /// Headers of this request.
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

#[derive(Debug)]
pub(super) struct Http;

impl Dialect for Http {
    fn kind(&self) -> &'static str {
        "http"
    }

    fn shape(&self, generator: &mut SchemaGenerator) -> Schema {
        request_shape::<RawHttp>(self.kind(), generator)
    }

    fn check(&self, table: toml::Table, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
        check(read_table(&table, key)?, key, templates)
    }
}

fn check(raw: RawHttp, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
    let method = match &raw.method {
        Some(name) => method(name, key)?,
        None if raw.body.is_some() => Method::POST,
        None => Method::GET,
    };
    let own = headers::parse(&raw.headers, &format!("{key}.headers"), templates)?;
    let stream = events::check(raw.events.as_deref(), raw.content.as_deref(), key)?;
    let accept = if stream.is_some() { json::EVENTS } else { "*/*" };
    let (body, headers) = body(raw.body, accept, own, key, templates)?;
    let title = format!("{method} {}", without_secret_query_values(&raw.path));
    let path = path(&raw.path, &format!("{key}.path"), templates)?;
    let (headers, reading) = match stream {
        None => (headers, Reading::Opaque),
        Some(events) => (json::asking_for_events(headers), Reading::Stream { events, key: "request.events" }),
    };
    let blueprint =
        Blueprint { method, base: Base::Url, path, headers, body, auth: Auth::Bearer, model: None, reading };
    Ok(Request { title, blueprint })
}

fn body(
    body: Option<toml::Value>,
    accept: &'static str,
    own: Headers,
    key: &str,
    templates: &mut Templates,
) -> Result<(Option<Body>, Headers), Invalid> {
    let key = format!("{key}.body");
    match body {
        None => Ok((None, own)),
        Some(toml::Value::String(text)) => Ok((Some(Text::parse(&text, &key, templates)?.into()), own)),
        Some(document) => {
            let document = json::from_toml(document, &key)?;
            Ok((Some(Text::parse_json(&document, &key, templates)?.into()), json::headers(accept, own)))
        }
    }
}

fn method(name: &str, key: &str) -> Result<Method, Invalid> {
    Method::from_bytes(name.to_ascii_uppercase().as_bytes()).map_err(|error| {
        let problem = ScenarioProblem::Http { value: name.to_owned(), because: error.to_string() };
        Invalid::new(format!("{key}.method"), problem)
    })
}
