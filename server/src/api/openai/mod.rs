//! The API of OpenAI.

mod answer;
mod chat;
mod embeddings;
mod endpoint;
mod frames;
mod headers;
mod models;
mod request;

pub(crate) use endpoint::Endpoint;
