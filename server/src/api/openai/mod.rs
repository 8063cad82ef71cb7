//! The API of OpenAI.
//!
//! # Layout
//! - `endpoint`: what can be asked; `dialect`: how what is wrong with it is told
//! - `chat`, `completions`, `embeddings`, `models`, `responses`: one kind of request each
//! - `identity`, `headers`, `logprobs`: what answers have in common
//! - `bounds`, `effort`, `prompt`, `sampling`: what requests have in common
//! - `state`, `store`, `paging`: what is kept, and how it is listed

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
mod paging;
mod prompt;
mod responses;
mod sampling;
mod state;
mod store;

pub(in crate::api) use chat::{RawMessages, spoken};
pub(in crate::api) use dialect::dialect;
pub(crate) use dialect::dialect_of_shared;
pub(crate) use state::OpenAi;
