//! The endpoints of all APIs, and the response to requests without an endpoint.

use std::{collections::HashMap, sync::Arc};

use axum::{
    response::Response,
    routing::{MethodFilter, MethodRouter},
};

use super::stack::stack;
use crate::{
    api,
    backend::{Api, Description, Mount},
    context::ServerContext,
    request::{Methods, Problem, RequestContext, Route},
};

/// The endpoints that are mounted so far.
#[derive(Debug)]
pub(super) struct Endpoints {
    server: Arc<ServerContext>,
    pub(super) paths: HashMap<&'static str, MethodRouter>,
    pub(super) described: Vec<api::ApiDescription>,
}

impl Endpoints {
    pub(super) fn new(server: Arc<ServerContext>) -> Self {
        Self { server, paths: HashMap::new(), described: Vec::new() }
    }
}

impl Mount for Endpoints {
    /// A request with a wrong method is answered in the dialect of the first endpoint of its path.
    fn mount<A: Api>(&mut self, api: Arc<A>) {
        for &endpoint in A::ENDPOINTS {
            let route = A::route(endpoint);
            let service = stack(Arc::clone(&self.server), Arc::clone(&api), endpoint);
            let wrong_method =
                || stack(Arc::clone(&self.server), Arc::new(NoEndpoint), Mismatch::Method(route));
            let methods = self.paths.remove(route.path);
            let methods = methods.unwrap_or_else(|| MethodRouter::new().fallback_service(wrong_method()));
            self.paths.insert(route.path, methods.on_service(filter(route.methods), service));
        }
        self.described.push(api::ApiDescription::of::<A>());
    }
}

const fn filter(methods: Methods) -> MethodFilter {
    match methods {
        Methods::Get => MethodFilter::GET,
        Methods::Post => MethodFilter::POST,
        Methods::GetOrPost => MethodFilter::GET.or(MethodFilter::POST),
        Methods::Delete => MethodFilter::DELETE,
    }
}

/// Answers requests without an endpoint.
#[derive(Debug)]
pub(super) struct NoEndpoint;

/// Why a request has no endpoint.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mismatch {
    Path,
    /// The path has endpoints, of which this is the first, but none with the method.
    Method(Route),
}

impl Api for NoEndpoint {
    type Endpoint = Mismatch;

    const ENDPOINTS: &'static [Mismatch] = &[];
    const DESCRIPTION: Description = Description { operations: "", schemas: "{}" };

    fn route(mismatch: Mismatch) -> Route {
        match mismatch {
            Mismatch::Path => Route::get("unknown", api::shared_dialect),
            Mismatch::Method(route) => route,
        }
    }

    async fn answer(&self, mismatch: Mismatch, call: &mut RequestContext) -> Result<Response, Problem> {
        Err(match mismatch {
            Mismatch::Path => Problem::no_such_path(&call.parts),
            Mismatch::Method(_) => Problem::wrong_method(&call.parts),
        })
    }
}
