//! The API of OpenAI.

mod answer;
mod chat;
mod endpoint;
mod frames;
mod models;
mod request;

pub(crate) use endpoint::Endpoint;
