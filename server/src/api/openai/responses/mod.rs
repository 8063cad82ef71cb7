//! The Responses API: answers made of items, streamed as typed events, and kept to be asked for once more.

mod answer;
mod compact;
mod create;
mod echo;
mod endpoint;
mod frames;
mod input;
mod input_items;
mod items;
mod kept;
mod request;
mod retrieve;
mod store;
mod talk;
mod tools;
mod write;

pub(crate) use endpoint::Endpoint;
pub(crate) use store::Store;
