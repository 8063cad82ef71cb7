//! OpenAI's responses: `POST /v1/responses`.

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

    fn body_text(&self, answer: &Value) -> String {
        let items = answer.get("output").and_then(Value::as_array).into_iter().flatten();
        items.map(|item| texts_of_parts(item.get("content"), "output_text")).collect()
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

    fn event_text<'v>(&self, event: &'v Value) -> Option<&'v str> {
        let is_delta = event.get("type")?.as_str() == Some("response.output_text.delta");
        if is_delta { event.get("delta")?.as_str() } else { None }
    }
}
