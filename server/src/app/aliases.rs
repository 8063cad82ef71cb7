//! Other paths of the LLM APIs, as clients with another base URL send them.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{Router, extract::Request, response::Response};
use http::{Uri, uri::PathAndQuery};
use tower::Service;

use crate::request::Deployment;

/// Prefixes that are removed.
const PREFIXES: [&str; 6] =
    ["/openai/v1/", "/v1/v1/", "/anthropic/v1/", "/api/v1/", "/v1beta/openai/", "/v1/openai/"];
/// The prefix of Azure's paths, which continue with the name of the deployment.
const DEPLOYMENTS: &str = "/openai/deployments/";
/// Prefixes of paths without `/v1`, as clients of Azure, DeepSeek, LM Studio, Volcengine, Zhipu and Databricks send them.
/// They are removed before one of [`PARTS`].
const UNVERSIONED: [&str; 7] =
    ["/openai/", "/models/", "/beta/", "/api/v0/", "/api/v3/", "/api/paas/v4/", "/serving-endpoints/"];
/// The first parts of paths of the LLM APIs, which clients also send without `/v1`.
const PARTS: [&str; 8] =
    ["chat", "completions", "embeddings", "responses", "messages", "models", "moderations", "conversations"];

/// Answers requests whose path no endpoint has: by the endpoint that the path is an alias of, or by an error.
#[derive(Clone, Debug)]
pub(super) struct Aliases {
    router: Router,
}

impl Aliases {
    /// `router` answers paths that are unknown nevertheless.
    pub(super) const fn new(router: Router) -> Self {
        Self { router }
    }
}

impl Service<Request> for Aliases {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        rewrite(&mut request);
        Box::pin(self.router.call(request))
    }
}

/// Replaces an alias by the path of its endpoint.
fn rewrite(request: &mut Request) {
    let Some(CanonicalPath { path, deployment }) = canonical_path(request.uri().path()) else { return };
    let target = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let Ok(target) = target.parse::<PathAndQuery>() else { return };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(target);
    let Ok(uri) = Uri::from_parts(parts) else { return };
    *request.uri_mut() = uri;
    if let Some(name) = deployment {
        request.extensions_mut().insert(Deployment(name.into()));
    }
}

/// The path of an endpoint that an alias leads to.
#[derive(Debug, PartialEq, Eq)]
struct CanonicalPath {
    path: String,
    /// The name of Azure's deployment.
    deployment: Option<String>,
}

fn canonical_path(path: &str) -> Option<CanonicalPath> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let clean = format!("/{}", parts.join("/"));
    if let Some(rest) = clean.strip_prefix(DEPLOYMENTS) {
        let (name, rest) = rest.split_once('/')?;
        return Some(CanonicalPath { path: format!("/v1/{rest}"), deployment: Some(name.to_owned()) });
    }
    let path = if let Some(rest) = PREFIXES.iter().find_map(|prefix| clean.strip_prefix(prefix)) {
        format!("/v1/{rest}")
    } else if let Some(rest) = after_prefix(&parts, &clean) {
        format!("/v1/{rest}")
    } else if parts.first().is_some_and(|first| PARTS.contains(first)) {
        format!("/v1{clean}")
    } else if clean != path {
        clean
    } else {
        return None;
    };
    Some(CanonicalPath { path, deployment: None })
}

/// Returns what follows a known prefix, or any prefix that ends with `/v1`, if it is the path of an LLM API.
fn after_prefix(parts: &[&str], clean: &str) -> Option<String> {
    let is_api = |rest: &[&str]| rest.first().is_some_and(|first| PARTS.contains(first));
    let versioned = (1..parts.len()).rev().filter(|at| parts.get(*at) == Some(&"v1"));
    let mut versioned = versioned.filter_map(|at| parts.get(at + 1..));
    if let Some(rest) = versioned.find(|rest| is_api(rest)) {
        return Some(rest.join("/"));
    }
    let mut unversioned = UNVERSIONED.iter().filter_map(|prefix| clean.strip_prefix(prefix));
    let is_part = |rest: &&str| is_api(&rest.split('/').collect::<Vec<_>>());
    unversioned.find(is_part).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_path_is_that_of_the_endpoint() {
        for (path, canonical) in [
            ("/v1/chat/completions/", "/v1/chat/completions"),
            ("//v1/chat/completions", "/v1/chat/completions"),
            ("/v1//models", "/v1/models"),
            ("/chat/completions", "/v1/chat/completions"),
            ("/messages/count_tokens", "/v1/messages/count_tokens"),
            ("/openai/v1/responses", "/v1/responses"),
            ("/v1/v1/messages", "/v1/messages"),
            ("/anthropic/v1/messages", "/v1/messages"),
            ("/api/v1/chat/completions/", "/v1/chat/completions"),
            ("/health/", "/health"),
            ("/openai/responses", "/v1/responses"),
            ("/openai/responses/resp_1/cancel", "/v1/responses/resp_1/cancel"),
            ("/openai/models", "/v1/models"),
            ("/inference/v1/chat/completions", "/v1/chat/completions"),
            ("/compatible-mode/v1/embeddings", "/v1/embeddings"),
            ("/engines/llama.cpp/v1/chat/completions", "/v1/chat/completions"),
            ("/client/v4/accounts/1/ai/v1/responses", "/v1/responses"),
            ("/api/anthropic/v1/messages", "/v1/messages"),
            ("/models/chat/completions", "/v1/chat/completions"),
            ("/models/gpt-4o", "/v1/models/gpt-4o"),
            ("/beta/completions", "/v1/completions"),
            ("/api/paas/v4/chat/completions", "/v1/chat/completions"),
            ("/api/v3/chat/completions", "/v1/chat/completions"),
            ("/serving-endpoints/chat/completions", "/v1/chat/completions"),
        ] {
            let found = canonical_path(path).unwrap();
            assert_eq!((found.path.as_str(), found.deployment), (canonical, None), "{path}");
        }
        let azure = CanonicalPath { path: "/v1/embeddings".to_owned(), deployment: Some("mine".to_owned()) };
        assert_eq!(canonical_path("/openai/deployments/mine/embeddings"), Some(azure));
    }

    #[test]
    fn canonical_path_of_other_paths_is_none() {
        for path in [
            "/v1/nothing",
            "/nowhere",
            "/",
            "/openai/deployments/mine",
            "/openai/nothing",
            "/mine/v1/nothing",
            "/mine/chat/completions",
            "/mine/v1",
        ] {
            assert_eq!(canonical_path(path), None, "{path}");
        }
    }

    #[test]
    fn rewrite_keeps_the_query() {
        let uri = "/openai/deployments/a.b/chat/completions?api-version=1";
        let mut request = Request::builder().uri(uri).body(axum::body::Body::empty()).unwrap();
        rewrite(&mut request);
        assert_eq!(request.uri(), "/v1/chat/completions?api-version=1");
        assert_eq!(&*request.extensions().get::<Deployment>().unwrap().0, "a.b");
    }
}
