//! Chat completions.
//!
//! # Layout
//! - `request`: the client's JSON → a `GenerationRequest`
//! - `create`: handles a request
//! - `head`, `answer`, `frames`: encode the answer, in one piece or in chunks
//! - `stored`: stored answers

mod answer;
mod create;
mod frames;
mod head;
mod request;
mod stored;

pub(super) use create::create;
pub(in crate::api) use request::{RawMessages, spoken};
pub(super) use stored::{StoredChat, delete, list, messages, retrieve, update};
