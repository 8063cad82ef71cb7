//! Threads: conversations that the provider keeps between requests. They are not simulated.

use serde_json::{Map, json};

use super::raw::RawRequest;
use crate::request::{Extras, Problem};

/// The reason that is named if no field of the request is one. The SDKs know it as a setting of the organization.
const SETTING: &str = "inference_hooks";

/// Returns the features of a request for a thread that threads do not support, by the provider's names.
pub(super) fn unsupported(raw: &RawRequest<'_>) -> Vec<&'static str> {
    let features = [
        ("cache_control", raw.cache_control.is_some()),
        ("context_management", raw.context_management.is_some()),
        ("fallbacks", raw.fallbacks.is_some()),
        ("thinking", raw.thinking.is_some()),
    ];
    let used: Vec<_> = features.into_iter().filter_map(|(name, is_used)| is_used.then_some(name)).collect();
    if used.is_empty() { vec![SETTING] } else { used }
}

/// The error by which the SDKs continue without a thread.
pub(super) fn problem(unsupported: &[&str]) -> Problem {
    let message =
        "thread: threads are not supported with this request; send the full conversation without `thread`";
    let details = json!({"error_code": "thread_unsupported_request", "unsupported": unsupported});
    let details = Map::from_iter([("details".to_owned(), details)]);
    Problem {
        extras: Some(Box::new(Extras { details, ..Extras::default() })),
        ..Problem::invalid(Some("thread".to_owned()), message.to_owned())
    }
}
