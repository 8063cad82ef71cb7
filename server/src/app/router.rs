//! All endpoints by path.

use std::sync::Arc;

use axum::Router;

use super::{
    aliases::Aliases,
    backends::Backends,
    endpoints::{Endpoints, Mismatch, NoEndpoint},
    stack::stack,
};
use crate::{
    api::{self, OpenApi, Status},
    backend::Mount,
    context::ServerContext,
    error::StartError,
    faults::Faults,
};

/// Builds the router of a server with these faults and backends.
pub(crate) fn router(
    server: &Arc<ServerContext>,
    faults: &Arc<Faults>,
    backends: &Backends,
) -> Result<Router, StartError> {
    let mut endpoints = Endpoints::new(Arc::clone(server), Arc::clone(faults));
    api::mount(&server.config, &mut endpoints);
    backends.mount(server, &mut endpoints)?;
    endpoints.mount(Arc::new(Status));
    let mut described = endpoints.described.clone();
    described.push(api::ApiDescription::of::<OpenApi>());
    faults.check_endpoints(server, &described)?;
    endpoints.mount(Arc::new(OpenApi::new(described)));
    endpoints.check()?;
    let unknown = stack(Arc::clone(server), Arc::clone(faults), Arc::new(NoEndpoint), Mismatch::Path);
    let paths = endpoints.paths.into_iter();
    let router = paths.fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    let aliases = Aliases::new(router.clone().fallback_service(unknown));
    Ok(backends.add_layers(router.fallback_service(aliases)))
}
