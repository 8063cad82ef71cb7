//! The API of Anthropic.

mod body;
mod cache;
mod count_tokens;
mod endpoint;
mod errors;
mod headers;
mod messages;
mod models;
mod request;
mod version;

pub(crate) use cache::PrefixTable;
pub(crate) use endpoint::Endpoint;
pub(super) use errors::{dialect, is_spoken};
pub(super) use models::{list as list_models, retrieve as retrieve_model};
