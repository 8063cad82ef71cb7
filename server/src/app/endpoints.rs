//! The endpoints of all APIs, and the answer to requests that none is for.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Request, State},
    response::Response,
    routing::{MethodFilter, MethodRouter},
};

use super::pass::pass;
use crate::{
    api,
    backend::{Api, Description, Mount},
    context::ServerContext,
    request::{Methods, Problem, RequestContext, Route},
};

/// The endpoints that are mounted so far.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    pub(super) paths: HashMap<&'static str, MethodRouter<Arc<ServerContext>>>,
    pub(super) described: Vec<api::Described>,
}

impl Mount for Endpoints {
    /// A path that is requested with another method than it has is answered as the first of its endpoints would be.
    fn mount<A: Api>(&mut self, api: Arc<A>) {
        for &endpoint in A::ENDPOINTS {
            let (route, api) = (A::route(endpoint), Arc::clone(&api));
            let handler = move |State(server): State<Arc<ServerContext>>, request: Request| {
                pass(server, Arc::clone(&api), endpoint, request)
            };
            let methods = self.paths.remove(route.path);
            let wrong_method = move |State(server): State<Arc<ServerContext>>, request: Request| {
                pass(server, Arc::new(NoEndpoint), Mismatch::Method(route), request)
            };
            let methods = methods.unwrap_or_else(|| MethodRouter::new().fallback(wrong_method));
            self.paths.insert(route.path, methods.on(filter(route.methods), handler));
        }
        self.described.push(api::Described::of::<A>());
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

/// What answers requests that no endpoint is for.
#[derive(Debug)]
pub(super) struct NoEndpoint;

/// Why no endpoint is for a request.
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
