//! Cross-origin requests of browser apps.

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};

use crate::config::CorsOrigins;

const ANY: HeaderValue = HeaderValue::from_static("*");
/// The methods of the LLM APIs that another origin may use.
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
/// How long a browser may remember the answer, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const REQUEST_PRIVATE_NETWORK: &str = "access-control-request-private-network";
const ALLOW_PRIVATE_NETWORK: &str = "access-control-allow-private-network";

/// Returns the value of `Access-Control-Allow-Origin`, if the request has an origin that is allowed.
pub(super) fn allowed_origin(origins: &CorsOrigins, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    match origins {
        CorsOrigins::Any => Some(ANY),
        CorsOrigins::Listed(listed) => {
            listed.iter().any(|listed| listed.as_bytes() == origin.as_bytes()).then(|| origin.clone())
        }
    }
}

/// Adds the headers that let a browser app read the response.
pub(super) fn add_headers(allowed: HeaderValue, headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, ANY);
    add_origin(allowed, headers);
}

fn add_origin(allowed: HeaderValue, headers: &mut HeaderMap) {
    if allowed != ANY {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
}

/// Whether a browser asks by this request whether an app of another origin may send one. It never sends a key.
pub(super) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Returns the response to a preflight request, if it is one of an allowed origin.
pub(super) fn preflight(origins: &CorsOrigins, parts: &Parts) -> Option<Response> {
    let allowed = allowed_origin(origins, &parts.headers)?;
    if !is_preflight(&parts.method, &parts.headers) {
        return None;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    add_origin(allowed, headers);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    // `*` would not include `Authorization`.
    if let Some(requested) = parts.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, requested.clone());
    }
    if parts.headers.contains_key(REQUEST_PRIVATE_NETWORK) {
        headers.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
    }
    Some(response)
}
