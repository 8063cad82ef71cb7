//! The API of OpenAI.

mod answer;
mod chat;
mod endpoint;
mod frames;
mod headers;
mod models;
mod request;
pub(crate) mod responses;

pub(crate) use endpoint::Endpoint;
