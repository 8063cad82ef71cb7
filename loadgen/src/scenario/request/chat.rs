//! `openai.chat`: `POST /v1/chat/completions`.

use std::collections::BTreeMap;

use ::http::Method;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::task::{Base, Blueprint, Reading, StreamKind, Templates, Text};

use super::super::error::{Invalid, ScenarioProblem};
use super::super::headers;
use super::{Request, json};

/// A chat completion: `POST /v1/chat/completions`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChat {
    /// The model.
    model: String,
    /// The message of a conversation of one.
    prompt: Option<String>,
    /// The messages, each `{ role, content }`.
    #[schemars(with = "Option<Vec<serde_json::Map<String, serde_json::Value>>>")]
    messages: Option<toml::Value>,
    /// Output tokens at most.
    max_tokens: Option<u64>,
    /// The temperature.
    temperature: Option<f64>,
    /// Whether the answer comes token by token (false).
    #[serde(default)]
    stream: bool,
    /// Headers of this request.
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

pub(super) fn check(raw: RawChat, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
    let messages = messages(raw.prompt, raw.messages, key)?;
    let mut body = json!({ "model": raw.model, "messages": messages });
    let mut set = |name: &str, value: Option<Value>| {
        if let (Value::Object(body), Some(value)) = (&mut body, value) {
            body.insert(name.to_owned(), value);
        }
    };
    set("max_tokens", raw.max_tokens.map(Value::from));
    set("temperature", raw.temperature.map(Value::from));
    if raw.stream {
        set("stream", Some(Value::from(true)));
        // Without it the answer does not say how many tokens it holds.
        set("stream_options", Some(json!({ "include_usage": true })));
    }

    let (reading, accept, title) = if raw.stream {
        (Reading::Stream(StreamKind::Chat), "text/event-stream", "chat stream")
    } else {
        (Reading::Chat, "application/json", "chat")
    };
    let mut headers =
        json::headers(accept, headers::parse(&raw.headers, &format!("{key}.headers"), templates)?);
    if raw.stream {
        json::want_trailers(&mut headers);
    }
    let blueprint = Blueprint {
        method: Method::POST,
        base: Base::UrlBeforeV1,
        path: Text::parse("/v1/chat/completions", key, templates)?,
        headers,
        body: Some(Text::parse_json(&body, key, templates)?),
        reading,
    };
    Ok(Request { title: title.to_owned(), blueprint })
}

fn messages(prompt: Option<String>, messages: Option<toml::Value>, key: &str) -> Result<Value, Invalid> {
    match (prompt, messages) {
        (Some(prompt), None) => Ok(json!([{ "role": "user", "content": prompt }])),
        (None, Some(messages @ toml::Value::Array(_))) => {
            json::from_toml(messages, &format!("{key}.messages"))
        }
        (None, Some(other)) => {
            let told = format!("a {} where a list of messages is needed", other.type_str());
            Err(Invalid::new(format!("{key}.messages"), ScenarioProblem::Form(told)))
        }
        (Some(_), Some(_)) => {
            let because = "a prompt is a conversation of one message";
            Err(Invalid::new(
                format!("{key}.prompt"),
                ScenarioProblem::Conflict { other: "messages", because },
            ))
        }
        (None, None) => {
            let needed = "`prompt` (text) or `messages` (a list of { role, content })";
            Err(Invalid::new(format!("{key}.prompt"), ScenarioProblem::Missing { needed }))
        }
    }
}
