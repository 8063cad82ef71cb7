//! The retry policy of a task.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::duration::RawDuration;

/// When and how often a failed request is attempted again: `retry = { on = [429, 503], attempts = 3 }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RawRetry {
    /// The statuses and kinds of failures after which a request is attempted again
    /// (`[408, 429, 500, 502, 503, 504, "connect", "reset"]`).
    pub(in crate::scenario) on: Option<Vec<RawRetryCause>>,
    /// The most attempts, the first included (3).
    pub(in crate::scenario) attempts: Option<i64>,
    /// The wait before the second attempt; it doubles with each further attempt (500ms).
    pub(in crate::scenario) delay: Option<RawDuration>,
    /// The longest wait. A request whose server asks for a longer one (`Retry-After`) is not attempted again (60s).
    pub(in crate::scenario) max_delay: Option<RawDuration>,
    /// Whether each wait of `delay` is shortened at random by up to a quarter, so that users do not retry together (true).
    pub(in crate::scenario) jitter: Option<bool>,
    /// Whether `Retry-After` and `retry-after-ms` of an answer replace `delay` (true).
    pub(in crate::scenario) honour_retry_after: Option<bool>,
}

/// A status such as 429, or a kind of failure such as "connect".
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected a status such as 429, or a kind of failure such as \"connect\"")]
pub(in crate::scenario) enum RawRetryCause {
    Status(i64),
    Kind(String),
}

impl JsonSchema for RawRetryCause {
    fn schema_name() -> Cow<'static, str> {
        "RetryCause".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A status, or a kind of failure.",
            "anyOf": [
                { "type": "integer", "minimum": 300, "maximum": 599 },
                { "enum": crate::task::RETRY_KINDS },
            ],
            "examples": [429, "connect", "timeout"],
        })
    }
}
