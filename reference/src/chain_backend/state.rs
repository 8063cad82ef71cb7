//! The chain-execution backend.

use std::sync::Arc;

use weir_server::{Backend, ServerContext, StartError};

use super::config::Connectors;

/// The chain-execution backend: chains, plain and streamed, and connectors to models.
#[derive(Debug)]
pub struct ChainBackend {
    pub(super) connectors: Arc<Connectors>,
}

impl Backend for ChainBackend {
    const NAME: &'static str = "chain_backend";
    const TABLE: &'static str = "connectors";

    type Settings = Connectors;

    fn start(connectors: Arc<Connectors>, server: &Arc<ServerContext>) -> Result<Self, StartError> {
        for (name, model) in &connectors.0 {
            server.require_model(&format!("connectors.{}", weir_pace::quote_key(name)), model)?;
        }
        Ok(Self { connectors })
    }
}
