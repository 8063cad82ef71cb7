//! `http`: any request.

use std::collections::BTreeMap;

use ::http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

use crate::redact::without_secret_query_values;
use crate::task::{Auth, Base, Blueprint, Body, EVENT_STREAM, Headers, Reading, Templates, Text};

use super::super::error::{Invalid, ScenarioProblem};
use super::super::headers;
use super::super::table::read_table;
use super::dialect::{Dialect, request_shape};
use super::event_types::EventTypes;
use super::events::RawEvents;
use super::{Request, json, path};

/// Any request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawHttp {
    /// The method (`POST` with a body, otherwise `GET`).
    method: Option<String>,
    /// Path and query, beginning with a slash.
    path: String,
    /// The body: a text is sent as it is, anything else as JSON.
    #[schemars(with = "Option<serde_json::Value>")]
    body: Option<toml::Value>,
    /// Whether the answer is a stream of server-sent events: `true` is the same as `events = "any"` (false).
    stream: Option<bool>,
    /// How the events of the answer are read: as those of a kind of request (`openai.chat`), as those of `any` API, or
    /// `auto`, which is `any` if the answer is a stream.
    events: Option<String>,
    /// The types (`event: token`) of the events that count as content, with `any` and `auto`. Without this key and
    /// `content`, events without a type count.
    #[serde(default)]
    event: EventTypes,
    /// A JSON pointer, such as `/delta`, with `any` and `auto`: an event with a value there counts as content.
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
    let RawHttp { stream, events, event: EventTypes(event), content, .. } = raw;
    let reading = RawEvents { stream, events, event, content }.check(key)?;
    let is_stream = matches!(reading, Reading::Stream { .. });
    let accept = if is_stream { EVENT_STREAM } else { "*/*" };
    let (body, headers) = body(raw.body, accept, own, key, templates)?;
    let title = format!("{method} {}", without_secret_query_values(&raw.path));
    let path = path(&raw.path, &format!("{key}.path"), templates)?;
    let headers = if is_stream { json::asking_for_events(headers) } else { headers };
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
