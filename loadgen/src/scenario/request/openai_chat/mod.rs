//! OpenAI's chat completions: `POST /v1/chat/completions`.

mod reply;
mod request;

use std::sync::Arc;

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::record::Problem;
use crate::task::read::{BodyContent, BodyReader, Completion, DONE, EventReader, ParsedEvent};
use crate::task::{History, Reply, Templates};

use super::super::error::Invalid;
use super::super::table::read_table;
use super::Request;
use super::dialect::{Dialect, request_shape};
use super::openai::{read_choices, read_chunk};

#[derive(Debug)]
pub(super) struct OpenaiChat;

impl Dialect for OpenaiChat {
    fn kind(&self) -> &'static str {
        "openai.chat"
    }

    fn shape(&self, generator: &mut SchemaGenerator) -> Schema {
        request_shape::<request::RawChat>(self.kind(), generator)
    }

    fn check(&self, table: toml::Table, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
        request::check(read_table(&table, key)?, key, templates)
    }

    fn events(&self) -> Option<Arc<dyn EventReader>> {
        Some(Arc::new(Self))
    }
}

impl BodyReader for OpenaiChat {
    fn read_body(&self, body: &[u8]) -> Result<BodyContent, Problem> {
        read_choices(body)
    }

    fn body_reply(&self, answer: &Value) -> Reply {
        reply::of_body(answer)
    }

    fn history(&self) -> Option<&'static dyn History> {
        Some(&reply::ChatHistory)
    }
}

impl EventReader for OpenaiChat {
    fn read_event<'d>(&self, data: &'d [u8]) -> Result<ParsedEvent<'d>, Problem> {
        read_chunk(data)
    }

    fn completion(&self) -> Completion {
        Completion::Choices
    }

    fn end_mark(&self) -> Option<&'static str> {
        Some(DONE)
    }

    fn add_to_reply(&self, event: &Value, reply: &mut Reply) {
        reply::add_event(event, reply);
    }

    fn history(&self) -> Option<&'static dyn History> {
        Some(&reply::ChatHistory)
    }
}
