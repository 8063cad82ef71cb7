//! The chain-execution backend: chains, plain and streamed, and its connectors to models.

mod connector;
mod narration;
mod request;
mod run;
mod words;

pub(super) use connector::{connector, connector_stream};
pub(super) use run::{run, stream};
