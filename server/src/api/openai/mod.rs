//! The API of OpenAI.
//!
//! # Layout
//! - `endpoint`: the endpoints; `dialect`: the format of errors
//! - `chat`, `completions`, `embeddings`, `models`, `responses`: one kind of request each
//! - `identity`, `headers`, `logprobs`: common parts of answers
//! - `bounds`, `effort`, `prompt`, `sampling`: common parts of requests
//! - `state`, `store`, `paging`: stored answers and lists of them

mod bounds;
mod chat;
mod completions;
mod dialect;
mod effort;
mod embeddings;
mod endpoint;
mod headers;
mod identity;
mod logprobs;
mod models;
mod output_format;
mod paging;
mod prompt;
mod prompt_cache;
mod responses;
mod sampling;
mod state;
mod store;
mod strict_schema;
mod strictness;
mod structured_outputs;

pub(in crate::api) use chat::{RawMessages, spoken};
pub(in crate::api) use dialect::dialect;
pub(crate) use dialect::dialect_of_shared;
pub(crate) use state::OpenAi;
