//! The API of Anthropic.

mod body;
mod cache;
mod count_tokens;
mod dialect;
mod endpoint;
mod headers;
mod messages;
mod models;
mod request;
mod version;

pub(super) use dialect::{dialect, is_spoken};
pub(crate) use endpoint::Anthropic;
pub(super) use models::{list as list_models, retrieve as retrieve_model};
