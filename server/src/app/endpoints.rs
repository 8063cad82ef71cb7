//! The endpoints of all APIs, and the response to requests without an endpoint.

use std::{collections::HashMap, sync::Arc};

use axum::{
    response::Response,
    routing::{MethodFilter, MethodRouter},
};

use super::{cors::preflight, stack::stack};
use crate::{
    api,
    backend::{Api, Description, Mount},
    context::ServerContext,
    error::StartError,
    faults::Faults,
    request::{Methods, Origins, Problem, RequestContext, Route},
};

/// The endpoints that are mounted so far.
#[derive(Debug)]
pub(super) struct Endpoints {
    server: Arc<ServerContext>,
    faults: Arc<Faults>,
    pub(super) paths: HashMap<&'static str, MethodRouter>,
    pub(super) described: Vec<api::ApiDescription>,
    routes: MountedRoutes,
    /// The first conflict between two routes.
    conflict: Option<String>,
}

impl Endpoints {
    pub(super) fn new(server: Arc<ServerContext>, faults: Arc<Faults>) -> Self {
        Self {
            server,
            faults,
            paths: HashMap::new(),
            described: Vec::new(),
            routes: MountedRoutes::default(),
            conflict: None,
        }
    }
}

impl Endpoints {
    /// Fails if two endpoints conflict: they have the same path and method, or paths that match the same requests.
    pub(super) fn check(&self) -> Result<(), StartError> {
        match &self.conflict {
            Some(conflict) => Err(StartError::Endpoints(conflict.clone())),
            None => Ok(()),
        }
    }
}

/// The routes that are mounted so far, to find those that conflict.
#[derive(Debug, Default)]
struct MountedRoutes {
    paths: matchit::Router<()>,
    methods: HashMap<&'static str, Vec<Methods>>,
}

impl MountedRoutes {
    /// Adds a route; fails if it conflicts with an earlier one.
    fn add(&mut self, path: &'static str, methods: Methods) -> Result<(), String> {
        if let Some(known) = self.methods.get_mut(path) {
            if known.iter().any(|other| other.overlap(methods)) {
                return Err(format!("two endpoints have the path {path} and the same method"));
            }
            known.push(methods);
            return Ok(());
        }
        if !path.starts_with('/') {
            return Err(format!("the path {path:?} does not start with /"));
        }
        self.paths.insert(path, ()).map_err(|error| format!("the path {path} cannot be served: {error}"))?;
        self.methods.insert(path, vec![methods]);
        Ok(())
    }
}

impl Mount for Endpoints {
    /// A request with a wrong method is answered in the dialect of the first endpoint of its path.
    fn mount<A: Api>(&mut self, api: Arc<A>) {
        for &endpoint in A::ENDPOINTS {
            let route = A::route(endpoint);
            if let Err(conflict) = self.routes.add(route.path, route.methods) {
                self.conflict.get_or_insert(conflict);
                continue;
            }
            let (server, faults) = (|| Arc::clone(&self.server), || Arc::clone(&self.faults));
            let service = stack(server(), faults(), Arc::clone(&api), endpoint);
            let mismatch = Mismatch::Method(route, A::ORIGINS);
            let wrong_method = || stack(server(), faults(), Arc::new(NoEndpoint), mismatch);
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
    /// Its browser apps may ask whether they may use it.
    Method(Route, Origins),
}

impl Api for NoEndpoint {
    type Endpoint = Mismatch;

    const ENDPOINTS: &'static [Mismatch] = &[];
    const DESCRIPTION: Description = Description { operations: "", schemas: "{}" };

    fn route(mismatch: Mismatch) -> Route {
        match mismatch {
            Mismatch::Path => Route::get("unknown", api::shared_dialect),
            Mismatch::Method(route, _) => route,
        }
    }

    async fn answer(&self, mismatch: Mismatch, call: &mut RequestContext) -> Result<Response, Problem> {
        match mismatch {
            Mismatch::Path => Err(Problem::no_such_path(&call.parts)),
            Mismatch::Method(_, Origins::Same) => Err(Problem::wrong_method(&call.parts)),
            Mismatch::Method(_, Origins::Configured) => {
                let answer = preflight(&call.server.config.cors_origins, &call.parts);
                answer.ok_or_else(|| Problem::wrong_method(&call.parts))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn add_conflicting_routes_is_an_error() {
        let mut routes = MountedRoutes::default();
        for (path, methods) in [
            ("/agents", Methods::Get),
            ("/agents", Methods::Post),
            ("/agents/{id}", Methods::Get),
            ("/agents/{id}", Methods::Delete),
            ("/agents/all", Methods::GetOrPost),
        ] {
            assert_eq!(routes.add(path, methods), Ok(()));
        }
        let mut conflict = |path, methods| routes.add(path, methods).unwrap_err();
        insta::assert_snapshot!(conflict("/agents", Methods::GetOrPost), @"two endpoints have the path /agents and the same method");
        insta::assert_snapshot!(conflict("/agents/all", Methods::Get), @"two endpoints have the path /agents/all and the same method");
        insta::assert_snapshot!(conflict("/agents/{name}", Methods::Post), @"the path /agents/{name} cannot be served: Insertion failed due to conflict with previously registered route: /agents/{id}");
        insta::assert_snapshot!(conflict("agents", Methods::Post), @r#"the path "agents" does not start with /"#);
    }
}
