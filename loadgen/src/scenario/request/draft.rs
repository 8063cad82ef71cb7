//! Builds the body of an LLM request: what the kinds of requests have in common.

use std::collections::BTreeMap;

use ::http::{HeaderName, HeaderValue, Method};
use serde_json::Value;
use weir_pace::Amount;

use crate::task::{Auth, Base, Blueprint, Body, Headers, Prompt, Reading, Templates, Text};

use super::super::error::{Invalid, ScenarioProblem};
use super::super::headers;
use super::{Request, json};

/// A JSON object that gets its members one by one.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    /// The key of the request in the scenario.
    key: &'a str,
    templates: &'a mut Templates,
    headers: Headers,
    body: Body,
    /// The members so far.
    names: Vec<&'static str>,
    /// Where it is the same for each request.
    model: Option<String>,
}

/// Everything about a request but its body and headers.
pub(super) struct Envelope {
    pub(super) path: &'static str,
    /// What a task that has no name is called after it.
    pub(super) title: &'static str,
    pub(super) reading: Reading,
    pub(super) auth: Auth,
}

impl<'a> Draft<'a> {
    /// The request at `key`, with its headers and the model, which every request has.
    pub(super) fn new(
        key: &'a str,
        model: &str,
        headers: &BTreeMap<String, String>,
        templates: &'a mut Templates,
    ) -> Result<Self, Invalid> {
        let headers = headers::parse(headers, &format!("{key}.headers"), templates)?;
        let mut body = Body::default();
        body.push_literal("{");
        let mut draft = Self { key, templates, headers, body, names: Vec::new(), model: None };
        let text = Text::parse_json(&Value::from(model), &draft.key_of("model"), draft.templates)?;
        draft.model = text.fixed().map(|_| model.to_owned());
        draft.member("model").push_text(text);
        Ok(draft)
    }

    /// A header that the request has unless its `headers` set it.
    pub(super) fn default_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert_default(name, value);
    }

    /// The key of something in the request.
    pub(super) fn key_of(&self, name: &str) -> String {
        format!("{}.{name}", self.key)
    }

    pub(super) fn templates(&mut self) -> &mut Templates {
        self.templates
    }

    /// Begins a member; its value comes next.
    pub(super) fn member(&mut self, name: &'static str) -> &mut Body {
        push_name(&mut self.body, name, self.names.len());
        self.names.push(name);
        &mut self.body
    }

    /// A member whose strings may be templates; none without a value.
    pub(super) fn json(
        &mut self,
        name: &'static str,
        value: Option<impl Into<Value>>,
    ) -> Result<(), Invalid> {
        let Some(value) = value else { return Ok(()) };
        let text = Text::parse_json(&value.into(), &self.key_of(name), self.templates)?;
        self.member(name).push_text(text);
        Ok(())
    }

    /// The same, from TOML.
    pub(super) fn toml(&mut self, name: &'static str, value: Option<toml::Value>) -> Result<(), Invalid> {
        let value = value.map(|value| json::from_toml(value, &self.key_of(name))).transpose()?;
        self.json(name, value)
    }

    /// A number that may be drawn anew for each request.
    pub(super) fn count(&mut self, name: &'static str, count: Option<Amount>) {
        if let Some(count) = count {
            self.member(name).push_count(count);
        }
    }

    pub(super) fn prompt(&mut self, name: &'static str, prompt: Prompt) {
        self.member(name).push_prompt(prompt);
    }

    /// Closes the object with `extra`: any further members, which Weir does not know.
    pub(super) fn finish(mut self, extra: toml::Table, envelope: Envelope) -> Result<Request, Invalid> {
        let known = self.names.len();
        for (index, (name, value)) in extra.into_iter().enumerate() {
            let key = self.key_of(&format!("extra.{name}"));
            let own = self.names.iter().chain([&"stream"]).find(|own| **own == name);
            if let Some(&other) = own {
                let because = "the request sets it already";
                return Err(Invalid::new(key, ScenarioProblem::Conflict { other, because }));
            }
            let value = json::from_toml(value, &key)?;
            push_name(&mut self.body, &name, known + index);
            self.body.push_text(Text::parse_json(&value, &key, self.templates)?);
        }
        self.body.push_literal("}");

        let Envelope { path, title, reading, auth } = envelope;
        let (headers, title) = match reading {
            Reading::Stream { .. } => (json::stream_headers(self.headers), format!("{title} stream")),
            Reading::Plain(_) | Reading::Opaque | Reading::ByContentType(_) => {
                (json::headers("application/json", self.headers), title.to_owned())
            }
        };
        let path = Text::parse(path, self.key, self.templates)?;
        let blueprint = Blueprint {
            method: Method::POST,
            base: Base::UrlBeforeV1,
            path,
            headers,
            body: Some(self.body),
            auth,
            model: self.model,
            reading,
        };
        Ok(Request { title, blueprint })
    }
}

/// Begins the member with this name, after `before` others.
fn push_name(body: &mut Body, name: &str, before: usize) {
    if before > 0 {
        body.push_literal(",");
    }
    body.push_literal(&Value::from(name).to_string());
    body.push_literal(":");
}
