//! The list of backends that a server mounts.

use std::sync::Arc;

use super::endpoints::Endpoints;
use crate::{
    backend::{Backend, Mount as _},
    config::{BackendSettings, SettingsTable},
    context::ServerContext,
    error::StartError,
};

/// Starts a backend and mounts its endpoints.
type MountBackend = fn(&Arc<ServerContext>, &mut Endpoints) -> Result<(), StartError>;

/// The backends that a server mounts beside the LLM APIs.
#[derive(Clone, Debug, Default)]
pub struct Backends {
    tables: Vec<SettingsTable>,
    mounts: Vec<MountBackend>,
}

impl Backends {
    /// Returns an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the backend `B`.
    #[must_use]
    pub fn with<B: Backend>(mut self) -> Self {
        self.tables.push(SettingsTable::of::<B::Settings>(B::TABLE));
        self.mounts.push(|server, endpoints| {
            let settings = match server.config.backends.get::<B::Settings>(B::TABLE) {
                Some(settings) => settings,
                None => Arc::new(B::Settings::default().check()?),
            };
            endpoints.mount(Arc::new(B::start(settings, server)?));
            Ok(())
        });
        self
    }

    /// Returns the tables of their settings, which [`RawConfig`](crate::RawConfig) reads.
    pub fn tables(&self) -> &[SettingsTable] {
        &self.tables
    }

    /// Starts all of them.
    pub(super) fn mount(
        &self,
        server: &Arc<ServerContext>,
        endpoints: &mut Endpoints,
    ) -> Result<(), StartError> {
        self.mounts.iter().try_for_each(|mount| mount(server, endpoints))
    }
}
