//! The Responses API: answers of items, streamed as typed events, and stored for retrieval.

mod answer;
mod compact;
mod conversation;
mod create;
mod echo;
mod frames;
mod input;
mod input_items;
mod items;
mod request;
mod retrieve;
mod stored;
mod tools;
mod write;

pub(super) use compact::compact;
pub(super) use create::{create, input_tokens};
pub(super) use input_items::input_items;
pub(super) use retrieve::{cancel, delete, retrieve};
pub(super) use stored::StoredResponse;
