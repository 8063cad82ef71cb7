//! Anthropic's messages: `POST /v1/messages`.

mod answer;
mod request;

use std::sync::Arc;

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::record::Problem;
use crate::task::Templates;
use crate::task::read::{BodyContent, BodyReader, Completion, EventReader, ParsedEvent, texts_of_parts};

use super::super::error::Invalid;
use super::super::table::read_table;
use super::Request;
use super::dialect::{Dialect, request_shape};

#[derive(Debug)]
pub(super) struct AnthropicMessages;

impl Dialect for AnthropicMessages {
    fn kind(&self) -> &'static str {
        "anthropic.messages"
    }

    fn shape(&self, generator: &mut SchemaGenerator) -> Schema {
        request_shape::<request::RawMessages>(self.kind(), generator)
    }

    fn check(&self, table: toml::Table, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
        request::check(read_table(&table, key)?, key, templates)
    }

    fn events(&self) -> Option<Arc<dyn EventReader>> {
        Some(Arc::new(Self))
    }
}

impl BodyReader for AnthropicMessages {
    fn read_body(&self, body: &[u8]) -> Result<BodyContent, Problem> {
        answer::read_body(body)
    }

    fn body_text(&self, answer: &Value) -> String {
        texts_of_parts(answer.get("content"), "text")
    }
}

impl EventReader for AnthropicMessages {
    fn read_event<'d>(&self, data: &'d [u8]) -> Result<ParsedEvent<'d>, Problem> {
        answer::read_event(data)
    }

    fn completion(&self) -> Completion {
        Completion::Mark
    }

    fn end_mark(&self) -> Option<&'static str> {
        Some("message_stop")
    }

    fn event_text<'v>(&self, event: &'v Value) -> Option<&'v str> {
        event.pointer("/delta/text")?.as_str()
    }
}
