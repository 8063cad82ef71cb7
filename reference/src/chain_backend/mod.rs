//! The chain-execution backend: chains, plain and streamed, and its connectors to models.

mod config;
mod connector;
mod endpoint;
mod request;
mod run;
mod run_event_source;
mod state;

pub use state::ChainBackend;
