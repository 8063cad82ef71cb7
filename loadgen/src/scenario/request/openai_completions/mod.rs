//! OpenAI's completions: `POST /v1/completions`.

mod request;

use std::sync::Arc;

use schemars::{Schema, SchemaGenerator};

use crate::record::Problem;
use crate::task::Templates;
use crate::task::read::{BodyContent, BodyReader, Completion, DONE, EventReader, ParsedEvent};

use super::super::error::Invalid;
use super::super::table::read_table;
use super::Request;
use super::dialect::{Dialect, request_shape};
use super::openai::{read_choices, read_chunk};

#[derive(Debug)]
pub(super) struct OpenaiCompletions;

impl Dialect for OpenaiCompletions {
    fn kind(&self) -> &'static str {
        "openai.completions"
    }

    fn shape(&self, generator: &mut SchemaGenerator) -> Schema {
        request_shape::<request::RawCompletions>(self.kind(), generator)
    }

    fn check(&self, table: toml::Table, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
        request::check(read_table(&table, key)?, key, templates)
    }

    fn events(&self) -> Option<Arc<dyn EventReader>> {
        Some(Arc::new(Self))
    }
}

impl BodyReader for OpenaiCompletions {
    fn read_body(&self, body: &[u8]) -> Result<BodyContent, Problem> {
        read_choices(body)
    }
}

impl EventReader for OpenaiCompletions {
    fn read_event<'d>(&self, data: &'d [u8]) -> Result<ParsedEvent<'d>, Problem> {
        read_chunk(data)
    }

    fn completion(&self) -> Completion {
        Completion::Choices
    }

    fn end_mark(&self) -> Option<&'static str> {
        Some(DONE)
    }
}
