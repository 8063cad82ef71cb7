//! The Responses API: answers of items, streamed as typed events, and stored for retrieval; and the conversations that
//! they continue.

mod answer;
mod compact;
mod conversation;
mod conversations;
mod create;
mod echo;
mod frames;
mod input;
mod input_items;
mod items;
mod request;
mod retrieve;
mod stored;
mod stored_conversation;
mod tools;
mod write;

pub(super) use compact::compact;
pub(super) use conversations::{
    Conversations, add_items, create as create_conversation, delete as delete_conversation, delete_item,
    list_items, retrieve as retrieve_conversation, retrieve_item, update as update_conversation,
};
pub(super) use create::{Stores, create, input_tokens};
pub(super) use input_items::input_items;
pub(super) use retrieve::{cancel, delete, retrieve};
pub(super) use stored::StoredResponse;
