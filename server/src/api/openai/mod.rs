//! The API of OpenAI.
//!
//! # Layout
//! - `endpoint`: what can be asked
//! - `chat`, `completions`, `embeddings`, `models`, `responses`: one kind of request each
//! - `identity`, `headers`, `odds`: what answers have in common
//! - `bounds`, `effort`, `sampling`: what requests have in common
//! - `state`, `store`, `paging`: what is kept, and how it is listed

mod bounds;
mod chat;
mod completions;
mod effort;
mod embeddings;
mod endpoint;
mod headers;
mod identity;
mod models;
mod odds;
mod paging;
pub(crate) mod responses;
mod sampling;
mod state;
mod store;

pub(in crate::api) use chat::Content as MessageContent;
pub(crate) use endpoint::Endpoint;
pub(in crate::api) use headers::add_headers;
pub(crate) use state::State;
