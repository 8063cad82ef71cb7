//! The table of the request.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::scenario::error::{Invalid, ScenarioProblem};

use super::Starter;
use super::endpoint::{Address, Endpoint, Prompt};
use super::toml_text::quoted;

/// A prompt that differs in each request, so that no prompt cache serves the run.
const PROMPT: &str = "{{ uuid() }} Say something about rivers.";

const MAX_TOKENS: u64 = 64;

/// A request, as text.
pub(super) struct RequestText {
    /// The keys of the table.
    pub(super) table: String,
    pub(super) api_key_env: Option<&'static str>,
}

/// Writes the request to an address.
pub(super) fn write_request(starter: &Starter, address: &Address) -> Result<RequestText, Invalid> {
    let headers = headers(&starter.headers)?;
    let endpoint = address.endpoint().filter(|_| starter.is_post());
    let has_credentials = headers.keys().any(|name| name == "authorization" || name == "x-api-key");
    let api_key_env = endpoint.and_then(|endpoint| endpoint.api_key_env).filter(|_| !has_credentials);
    let table = match endpoint {
        Some(endpoint) => {
            refuse(
                starter.content.is_some(),
                "--content",
                "URL",
                "the place of the content in events of this API is fixed",
            )?;
            let is_whole = starter.body.is_some();
            refuse(is_whole && starter.model.is_some(), "--model", "--body", "the body contains the model")?;
            match (&starter.body, address.is_standard) {
                (None, true) => of_api(starter, endpoint, &headers),
                (None, false) => {
                    let body = api_body(endpoint, starter);
                    of_http(starter, address, Some(endpoint), &body, headers)
                }
                (Some(body), _) => {
                    let body = if starter.stream { streaming(body) } else { body.clone() };
                    of_http(starter, address, Some(endpoint), &body, headers)
                }
            }
        }
        None => {
            refuse(starter.model.is_some(), "--model", "URL", "its path is not that of an LLM API")?;
            of_http(starter, address, None, starter.body.as_deref().unwrap_or_default(), headers)
        }
    };
    Ok(RequestText { table, api_key_env })
}

fn refuse(
    is_given: bool,
    flag: &'static str,
    other: &'static str,
    because: &'static str,
) -> Result<(), Invalid> {
    if is_given { Err(Invalid::new(flag, ScenarioProblem::Conflict { other, because })) } else { Ok(()) }
}

/// A request of a supported API.
fn of_api(starter: &Starter, endpoint: &Endpoint, headers: &BTreeMap<String, String>) -> String {
    let mut table = format!("kind = {}\n", quoted(endpoint.kind));
    push(&mut table, "model", &quoted(model(starter, endpoint)));
    let is_input = endpoint.limit.is_none();
    push(&mut table, if is_input { "input" } else { "prompt" }, &quoted(PROMPT));
    if !is_input {
        push(&mut table, "max_tokens", &MAX_TOKENS.to_string());
    }
    if starter.stream {
        push(&mut table, "stream", "true");
    }
    push_headers(&mut table, headers);
    table
}

/// A plain HTTP request; `endpoint` if the events of its answer are those of an API.
fn of_http(
    starter: &Starter,
    address: &Address,
    endpoint: Option<&Endpoint>,
    body: &str,
    mut headers: BTreeMap<String, String>,
) -> String {
    let mut table = "kind = \"http\"\n".to_owned();
    if let Some(method) = &starter.method {
        push(&mut table, "method", &quoted(&method.to_ascii_uppercase()));
    }
    push(&mut table, "path", &quoted(&address.path_and_query));
    if !body.is_empty() {
        push(&mut table, "body", &quoted(body));
        if body.trim_start().starts_with(['{', '[']) {
            headers.entry("content-type".to_owned()).or_insert_with(|| "application/json".to_owned());
        }
    }
    push_headers(&mut table, &headers);
    let is_any = starter.stream || starter.content.is_some();
    match endpoint {
        Some(endpoint) if starter.stream || asks_for_stream(body) => {
            push(&mut table, "events", &quoted(endpoint.kind));
        }
        Some(_) => {}
        None if is_any => push(&mut table, "events", "\"any\""),
        None => push(&mut table, "events", "\"auto\"   # times the events of an answer that is a stream"),
    }
    if let Some(content) = &starter.content {
        push(&mut table, "content", &format!("{}   # where an event has its text", quoted(content)));
    }
    table
}

fn model<'a>(starter: &'a Starter, endpoint: &Endpoint) -> &'a str {
    starter.model.as_deref().or(endpoint.model).unwrap_or_default()
}

/// The body of a request to a supported API at another path, sent as an `http` request.
fn api_body(endpoint: &Endpoint, starter: &Starter) -> String {
    let (prompt, content) = match endpoint.prompt {
        Prompt::Text(member) => (member, json!(PROMPT)),
        Prompt::Messages => ("messages", json!([{ "role": "user", "content": PROMPT }])),
    };
    let members = [
        ("model", Some(json!(model(starter, endpoint)))),
        (prompt, Some(content)),
        (endpoint.limit.unwrap_or_default(), endpoint.limit.map(|_| json!(MAX_TOKENS))),
        ("stream", starter.stream.then_some(json!(true))),
    ];
    let given = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect()).to_string()
}

/// A body that asks for a stream, if it is an object of JSON.
fn streaming(body: &str) -> String {
    match serde_json::from_str(body) {
        Ok(Value::Object(mut members)) => {
            members.insert("stream".to_owned(), Value::from(true));
            Value::Object(members).to_string()
        }
        Ok(_) | Err(_) => body.to_owned(),
    }
}

fn asks_for_stream(body: &str) -> bool {
    serde_json::from_str::<Value>(body).is_ok_and(|body| body.get("stream") == Some(&Value::Bool(true)))
}

fn push(table: &mut String, key: &str, value: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(table, "{key} = {value}");
}

fn push_headers(table: &mut String, headers: &BTreeMap<String, String>) {
    if headers.is_empty() {
        return;
    }
    let members: Vec<String> =
        headers.iter().map(|(name, value)| format!("{} = {}", quoted(name), quoted(value))).collect();
    push(table, "headers", &format!("{{ {} }}", members.join(", ")));
}

/// Splits `Name: value`. Errors do not repeat the value, which may be secret.
fn headers(given: &[String]) -> Result<BTreeMap<String, String>, Invalid> {
    let mut headers = BTreeMap::new();
    for header in given {
        let Some((name, value)) = header.split_once(':') else {
            let needed = "a colon between name and value (--header 'X-Team: search')";
            return Err(Invalid::new("--header", ScenarioProblem::Missing { needed }));
        };
        let name = name.trim().to_ascii_lowercase();
        if headers.insert(name.clone(), value.trim().to_owned()).is_some() {
            return Err(Invalid::new("--header", ScenarioProblem::DuplicateName { name }));
        }
    }
    Ok(headers)
}
