//! The chain-execution backend: chains, plain and streamed, and its connectors to models.

mod config;
mod connector;
mod endpoint;
mod narration;
mod request;
mod run;
mod state;

pub use state::ChainBackend;
