//! The chain-execution backend: chains, plain and streamed, and its connectors to models.

mod connector;
mod dialect;
mod endpoint;
mod narration;
mod request;
mod run;
pub(super) mod words;

pub(in crate::api) use dialect::dialect;
pub(crate) use endpoint::Endpoint;
pub(super) use run::begin;
