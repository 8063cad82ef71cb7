//! Invalid requests, by endpoint: each is rejected with the right status, in the error format of its API, by an error
//! that names the field.

mod anthropic;
mod bodies;
mod openai;
mod others;

use http::{Method, header::CONTENT_TYPE};
use serde_json::Value;
use weir_wire::Request;

use crate::support::{Api, Reply, Setup, Weir};

/// A field (a JSON pointer) of a valid body, and an invalid value in JSON; empty: the field is removed.
type Row = (&'static str, &'static str);

/// Rows of one endpoint, with the valid body that they modify.
struct Table {
    path: &'static str,
    /// A valid body.
    sound: &'static str,
    headers: &'static [(&'static str, &'static str)],
    shape: Shape,
    rows: &'static [Row],
}

/// The error format of an API.
#[derive(Clone, Copy, Debug)]
enum Shape {
    OpenAi,
    Anthropic,
}

impl Table {
    fn request(&self, body: Vec<u8>) -> Request {
        let mut request = Request::new(Method::POST, self.path.parse().unwrap());
        request.headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
        for (name, value) in self.headers {
            request.headers.insert(*name, value.parse().unwrap());
        }
        request.body = body.into();
        request
    }

    /// The valid body with one field changed.
    fn body(&self, (pointer, wrong): Row) -> Vec<u8> {
        let mut body: Value = serde_json::from_str(self.sound).unwrap();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = body.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer} has no parent"));
        if wrong.is_empty() {
            let removed = parent.as_object_mut().unwrap().remove(name);
            assert!(removed.is_some(), "{pointer} is not there");
        } else {
            let wrong = serde_json::from_str(wrong).unwrap_or_else(|error| panic!("{wrong}: {error}"));
            match parent {
                Value::Array(items) => items[name.parse::<usize>().unwrap()] = wrong,
                parent => parent[name] = wrong,
            }
        }
        body.to_string().into_bytes()
    }

    /// Sends all rows and returns those that were not rejected as expected.
    async fn failures(&self, api: &Api) -> Vec<String> {
        let sound = api.send(&self.request(self.sound.into())).await;
        assert_eq!(sound.status, 200, "{}: {}", self.path, sound.text());
        let mut failures = Vec::new();
        for row in self.rows {
            let reply = api.send(&self.request(self.body(*row))).await;
            let field = row.0.split('/').nth(1).unwrap();
            if let Err(why) = self.shape.check(&reply, 400, Some(field)) {
                failures.push(format!("{} {row:?}: {why}", self.path));
            }
        }
        failures
    }
}

impl Shape {
    /// Whether the reply is an error with this status and format that names the field.
    fn check(self, reply: &Reply, status: u16, field: Option<&str>) -> Result<(), String> {
        let text = reply.text();
        if reply.status != status {
            return Err(format!("{} instead of {status}: {text}", reply.status));
        }
        let body: Value = serde_json::from_str(text).map_err(|error| format!("{error}: {text}"))?;
        let error = &body["error"];
        let message = error["message"].as_str().filter(|message| message.len() > 10);
        let message = message.ok_or_else(|| format!("no message: {text}"))?;
        let is_sound = match self {
            Self::OpenAi => error.as_object().is_some_and(|error| {
                error.len() == 4 && ["param", "code"].iter().all(|key| error.contains_key(*key))
            }),
            Self::Anthropic => {
                body["type"] == "error"
                    && body["request_id"].as_str().is_some_and(|id| Some(id) == reply.header("request-id"))
            }
        };
        if !is_sound {
            return Err(format!("of another shape: {text}"));
        }
        if !self.is_of_status(error, status) {
            return Err(format!("of another type or code: {text}"));
        }
        let is_named = field.is_none_or(|field| match self {
            Self::OpenAi => error["param"].as_str().is_some_and(|param| begins_with(param, field)),
            Self::Anthropic => words(message).any(|word| word == field),
        });
        if is_named { Ok(()) } else { Err(format!("does not name the field: {text}")) }
    }

    /// Whether the error type and code match the status.
    fn is_of_status(self, error: &Value, status: u16) -> bool {
        let (kind, code) = (error["type"].as_str(), error["code"].as_str());
        match (self, status) {
            (Self::Anthropic, 404) => kind == Some("not_found_error"),
            (Self::OpenAi, 404) => {
                let codes = ["model_not_found", "not_found", "unknown_url"];
                kind == Some("invalid_request_error") && code.is_some_and(|code| codes.contains(&code))
            }
            (Self::OpenAi | Self::Anthropic, _) => kind == Some("invalid_request_error"),
        }
    }
}

/// Whether the path `param` (`messages[0].role`) is `field` or a part of it.
fn begins_with(param: &str, field: &str) -> bool {
    param.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| !char.is_alphanumeric() && char != '_')
}

async fn assert_all_rejected(table: &Table) {
    let weir = Weir::start(Setup::new());
    let failures = table.failures(&weir.api).await;
    conclude(&weir.api, &failures).await;
}

/// Asserts that no row failed, and that the server counted no error of its own and no request in flight.
async fn conclude(api: &Api, failures: &[String]) {
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
    let metrics = api.get("/metrics").await;
    assert!(!metrics.text().contains("status=\"5"), "{}", metrics.text());
    assert!(metrics.text().contains("status=\"4"), "{}", metrics.text());
    api.until_health("requests_in_flight", 0).await;
}

#[test]
fn cases_total_exceeds_minimum() {
    let tables = [&openai::TABLES[..], &anthropic::TABLES[..], &others::TABLES[..]].concat();
    let rows: usize = tables.iter().map(|table| table.rows.len()).sum();
    assert!(rows + bodies::COUNT >= 150, "{rows}");
}
