//! The Responses API: answers made of items, streamed as typed events, and kept to be asked for once more.

mod answer;
mod compact;
mod create;
mod echo;
mod frames;
mod input;
mod input_items;
mod items;
mod kept;
mod request;
mod retrieve;
mod talk;
mod tools;
mod write;

pub(super) use compact::compact;
pub(super) use create::{create, input_tokens};
pub(super) use input_items::input_items;
pub(super) use kept::Kept;
pub(super) use retrieve::{cancel, delete, retrieve};
