//! Chains of an agent backend: `POST /api/chains/{chain}` and `POST /api/chains/{chain}/stream`.

mod answer;
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

/// A chain whose answer is its result.
#[derive(Debug)]
pub(super) struct Chain;

/// A chain whose answer is a stream of its events.
#[derive(Debug)]
pub(super) struct ChainStream;

impl Dialect for Chain {
    fn kind(&self) -> &'static str {
        "chain"
    }

    fn shape(&self, generator: &mut SchemaGenerator) -> Schema {
        request_shape::<request::RawChain>(self.kind(), generator)
    }

    fn check(&self, table: toml::Table, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
        request::check(read_table(&table, key)?, request::Answer::Whole, key, templates)
    }

    fn events(&self) -> Option<Arc<dyn EventReader>> {
        Some(Arc::new(ChainStream))
    }
}

impl Dialect for ChainStream {
    fn kind(&self) -> &'static str {
        "chain_stream"
    }

    fn shape(&self, generator: &mut SchemaGenerator) -> Schema {
        request_shape::<request::RawChain>(self.kind(), generator)
    }

    fn check(&self, table: toml::Table, key: &str, templates: &mut Templates) -> Result<Request, Invalid> {
        request::check(read_table(&table, key)?, request::Answer::Stream, key, templates)
    }
}

impl BodyReader for Chain {
    fn read_body(&self, body: &[u8]) -> Result<BodyContent, Problem> {
        answer::read_body(body)
    }
}

impl EventReader for ChainStream {
    fn read_event<'d>(&self, data: &'d [u8]) -> Result<ParsedEvent<'d>, Problem> {
        answer::read_event(data)
    }

    fn completion(&self) -> Completion {
        Completion::Mark
    }

    fn is_generated(&self) -> bool {
        false
    }

    fn end_mark(&self) -> Option<&'static str> {
        Some(DONE)
    }
}
