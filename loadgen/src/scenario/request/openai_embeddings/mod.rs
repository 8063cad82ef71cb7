//! OpenAI's embeddings: `POST /v1/embeddings`.

mod answer;
mod request;

use schemars::{Schema, SchemaGenerator};

use crate::record::Problem;
use crate::task::Templates;
use crate::task::read::{BodyContent, BodyReader};

use super::super::error::Invalid;
use super::super::table::read_table;
use super::Request;
use super::dialect::{Dialect, request_shape};

#[derive(Debug)]
pub(super) struct OpenaiEmbeddings;

impl Dialect for OpenaiEmbeddings {
    fn kind(&self) -> &'static str {
        "openai.embeddings"
    }

    fn shape(&self, generator: &mut SchemaGenerator) -> Schema {
        request_shape::<request::RawEmbeddings>(self.kind(), generator)
    }

    fn check(&self, table: toml::Table, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
        request::check(read_table(&table, key)?, key, templates)
    }
}

impl BodyReader for OpenaiEmbeddings {
    fn read_body(&self, body: &[u8]) -> Result<BodyContent, Problem> {
        answer::read_body(body)
    }
}
