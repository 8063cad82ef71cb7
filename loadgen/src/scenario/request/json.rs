//! TOML as JSON, and the headers of requests with JSON bodies.

use ::http::header::{ACCEPT, CONNECTION, CONTENT_TYPE, TE};
use ::http::{HeaderMap, HeaderValue};
use serde_json::Value;

use crate::task::{EVENT_STREAM, Headers};

use super::super::error::Invalid;

/// A TOML value as JSON; a date becomes its text.
pub(in crate::scenario) fn from_toml(value: toml::Value, key: &str) -> Result<Value, Invalid> {
    Ok(match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Boolean(truth) => Value::from(truth),
        toml::Value::Float(number) => match serde_json::Number::from_f64(number) {
            Some(number) => Value::Number(number),
            None => return Err(Invalid::range(key, &number, "a finite number")),
        },
        toml::Value::Datetime(date) => Value::from(date.to_string()),
        toml::Value::Array(items) => {
            let items = items.into_iter().enumerate();
            items
                .map(|(index, item)| from_toml(item, &format!("{key}[{index}]")))
                .collect::<Result<_, _>>()?
        }
        toml::Value::Table(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, member)| from_toml(member, &format!("{key}.{name}")).map(|json| (name, json)))
                .collect::<Result<_, _>>()?,
        ),
    })
}

/// The headers of a request with a JSON body, beneath the task's own.
pub(super) fn headers(accept: &'static str, own: Headers) -> Headers {
    let fixed = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (ACCEPT, HeaderValue::from_static(accept)),
    ]);
    Headers { fixed, rendered: Vec::new() }.overridden_by(own)
}

/// The headers of a request with a JSON body whose answer is a stream.
pub(super) fn stream_headers(own: Headers) -> Headers {
    asking_for_events(headers(EVENT_STREAM, own))
}

/// Requests trailers, in which a server reports the timing of a stream, and events unless `Accept` is set.
pub(super) fn asking_for_events(mut headers: Headers) -> Headers {
    headers.insert_default(ACCEPT, HeaderValue::from_static(EVENT_STREAM));
    headers.insert(TE, HeaderValue::from_static("trailers"));
    headers.insert(CONNECTION, HeaderValue::from_static("TE"));
    headers
}
