//! The list of backends that a server mounts.

use std::{convert::Infallible, fmt, sync::Arc};

use axum::{Router, extract::Request, response::IntoResponse, routing::Route};
use tower::{Layer, Service};

use super::endpoints::Endpoints;
use crate::{
    backend::{Backend, Mount as _},
    config::{BackendSettings, SettingsTable},
    context::ServerContext,
    error::StartError,
    faults::{FAULT_TABLE, RawFaults},
};

/// Starts a backend and mounts its endpoints.
type MountBackend = fn(&Arc<ServerContext>, &mut Endpoints) -> Result<(), StartError>;

/// Adds a layer to a router.
#[derive(Clone)]
struct AddLayer(Arc<dyn Fn(Router) -> Router + Send + Sync>);

impl fmt::Debug for AddLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddLayer")
    }
}

/// The backends that a server mounts besides the LLM APIs, and the layers around all of its endpoints.
#[derive(Clone, Debug)]
pub struct Backends {
    tables: Vec<SettingsTable>,
    mounts: Vec<MountBackend>,
    layers: Vec<AddLayer>,
}

impl Default for Backends {
    /// Only the rules for faults, which concern all endpoints.
    fn default() -> Self {
        let tables = vec![SettingsTable::of::<RawFaults>(FAULT_TABLE)];
        Self { tables, mounts: Vec::new(), layers: Vec::new() }
    }
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

    /// Returns the tables of their settings, and that of faults, which [`RawConfig`](crate::RawConfig) reads.
    pub fn tables(&self) -> &[SettingsTable] {
        &self.tables
    }

    /// Adds a layer around the endpoints of the whole server, outside of the server's own layers. The last one that is
    /// added is the outermost.
    #[must_use]
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.layers.push(AddLayer(Arc::new(move |router: Router| router.layer(layer.clone()))));
        self
    }

    pub(super) fn add_layers(&self, router: Router) -> Router {
        self.layers.iter().fold(router, |router, AddLayer(add)| add(router))
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
