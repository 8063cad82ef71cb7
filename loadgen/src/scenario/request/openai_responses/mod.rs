//! OpenAI's responses: `POST /v1/responses`.

mod answer;
mod reply;
mod request;

use std::sync::Arc;

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::record::Problem;
use crate::task::read::{BodyContent, BodyReader, Completion, EventReader, ParsedEvent};
use crate::task::{History, Reply, Templates};

use super::super::error::Invalid;
use super::super::table::read_table;
use super::Request;
use super::dialect::{Dialect, request_shape};

#[derive(Debug)]
pub(super) struct OpenaiResponses;

impl Dialect for OpenaiResponses {
    fn kind(&self) -> &'static str {
        "openai.responses"
    }

    fn shape(&self, generator: &mut SchemaGenerator) -> Schema {
        request_shape::<request::RawResponses>(self.kind(), generator)
    }

    fn check(&self, table: toml::Table, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
        request::check(read_table(&table, key)?, key, templates)
    }

    fn events(&self) -> Option<Arc<dyn EventReader>> {
        Some(Arc::new(Self))
    }
}

impl BodyReader for OpenaiResponses {
    fn read_body(&self, body: &[u8]) -> Result<BodyContent, Problem> {
        answer::read_body(body)
    }

    fn body_reply(&self, answer: &Value) -> Reply {
        reply::of_body(answer)
    }

    fn history(&self) -> Option<&'static dyn History> {
        Some(&reply::ResponsesHistory)
    }
}

impl EventReader for OpenaiResponses {
    fn read_event<'d>(&self, data: &'d [u8]) -> Result<ParsedEvent<'d>, Problem> {
        answer::read_event(data)
    }

    fn completion(&self) -> Completion {
        Completion::Mark
    }

    fn end_mark(&self) -> Option<&'static str> {
        Some("response.completed")
    }

    fn add_to_reply(&self, event: &Value, reply: &mut Reply) {
        reply::add_event(event, reply);
    }

    fn history(&self) -> Option<&'static dyn History> {
        Some(&reply::ResponsesHistory)
    }
}
