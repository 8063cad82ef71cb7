//! The stack of layers: count, workers, admit, respond.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use tower::{Service, ServiceBuilder, service_fn};

use super::{admit::AdmitLayer, count::CountLayer, respond::respond, workers::WorkersLayer};
use crate::{backend::Api, context::ServerContext, faults::Faults};

/// Returns the service of `endpoint`. The guards of layers stay in the body until it has ended.
pub(super) fn stack<A: Api>(
    server: Arc<ServerContext>,
    faults: Arc<Faults>,
    api: Arc<A>,
    endpoint: A::Endpoint,
) -> impl Service<Request, Response = impl IntoResponse, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static {
    let route = A::route(endpoint);
    let context = Arc::clone(&server);
    ServiceBuilder::new()
        .layer(CountLayer::new(Arc::clone(&server), route.path, A::ORIGINS))
        .layer(WorkersLayer::new(&server, route.access))
        .layer(AdmitLayer::new(server, route))
        .service(service_fn(move |request| {
            let response =
                respond(Arc::clone(&context), Arc::clone(&faults), Arc::clone(&api), endpoint, request);
            async move { Ok::<Response, Infallible>(response.await) }
        }))
}
