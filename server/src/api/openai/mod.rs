//! The API of OpenAI.

mod answer;
mod chat;
mod frames;
mod models;
mod request;

pub(super) use chat::chat;
pub(super) use models::models;
