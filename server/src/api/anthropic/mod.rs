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
pub(super) use errors::error_body;
pub(super) use headers::{name_request, request_id, tell_rate};
pub(super) use models::{list as list_models, retrieve as retrieve_model};
