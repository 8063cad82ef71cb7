//! The endpoints as rules and headers need them: their paths, and whether they stream.

use http::Method;
use weir_pace::Suggestion;

use super::settings::{EndpointPattern, RuleSettings};
use crate::api::{ApiDescription, EndpointStreams};

/// An endpoint, as it is described in the OpenAPI document.
#[derive(Clone, Debug)]
pub(super) struct EndpointInfo {
    method: Method,
    path: &'static str,
    streams: EndpointStreams,
}

/// The endpoints of all APIs.
pub(super) fn endpoints(described: &[ApiDescription]) -> Vec<EndpointInfo> {
    let all = described.iter().flat_map(ApiDescription::endpoints);
    all.map(|(method, path, streams)| EndpointInfo { method, path, streams }).collect()
}

/// Whether the endpoint streams every answer.
pub(super) fn always_streams(endpoints: &[EndpointInfo], method: &Method, path: &str) -> bool {
    let is_it = |endpoint: &&EndpointInfo| endpoint.path == path && endpoint.method == *method;
    endpoints.iter().find(is_it).is_some_and(|endpoint| endpoint.streams == EndpointStreams::Always)
}

/// Fails if no request to any endpoint can meet the fault of the rule.
pub(super) fn check(endpoints: &[EndpointInfo], rule: &RuleSettings) -> Result<(), String> {
    let Some(pattern) = &rule.endpoint else { return Ok(()) };
    let EndpointPattern { path, .. } = pattern;
    let matching = endpoints.iter().filter(|endpoint| pattern.matches(&endpoint.method, endpoint.path));
    let matching: Vec<_> = matching.collect();
    if matching.is_empty() {
        let is_path = |endpoint: &&EndpointInfo| weir_pace::matches_wildcard(path, endpoint.path);
        if let (Some(method), Some(_)) = (&pattern.method, endpoints.iter().find(is_path)) {
            return Err(format!("no endpoint with a path like `{path}` has the method {method}"));
        }
        let suggestion = Suggestion::nearest(path, endpoints.iter().map(|endpoint| endpoint.path));
        return Err(format!("no endpoint has a path like `{path}`{suggestion}; /docs lists all"));
    }
    let has_streams = matching.iter().any(|endpoint| endpoint.streams != EndpointStreams::Never);
    if rule.fault.needs_stream() && !has_streams {
        return Err(format!(
            "the fault `{}` needs a stream, and `{path}` never streams",
            rule.fault.info.name
        ));
    }
    Ok(())
}
