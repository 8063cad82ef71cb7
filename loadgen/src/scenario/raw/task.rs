//! Tasks and hooks.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use weir_pace::{Amount, Latency};

use crate::scenario::{request, schema};

use super::duration::RawDuration;
use super::retry::RawRetry;

/// A task of a user: a request, or a conversation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RawTask {
    /// The name in reports (the kind of the request).
    pub(in crate::scenario) name: Option<String>,
    /// The weight that decides how often the task is drawn (1).
    pub(in crate::scenario) weight: Option<u32>,
    /// The think time after this task (that of the class).
    #[schemars(with = "Option<schema::Latency>")]
    pub(in crate::scenario) think: Option<Latency>,
    /// The request.
    #[schemars(with = "request::AnyRequest")]
    pub(in crate::scenario) request: toml::Table,
    /// The number of turns of a conversation: each request carries all messages before it.
    #[schemars(with = "Option<schema::Amount>")]
    pub(in crate::scenario) turns: Option<Amount>,
    /// The pause between a response and the next turn of the conversation.
    #[schemars(with = "Option<schema::Latency>")]
    pub(in crate::scenario) pause: Option<Latency>,
    /// What the tools of an agent answer, by name: a text, or a value that is written as JSON
    /// (`tools = { get_weather = "18 degrees", search = { hits = 3 } }`). An answer that calls tools is followed by a request
    /// with their answers, until the model answers without a call. A tool that is not listed answers with an error text.
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
    pub(in crate::scenario) tools: Option<BTreeMap<String, toml::Value>>,
    /// The most requests of one turn with `tools` (10).
    pub(in crate::scenario) max_loops: Option<i64>,
    /// The conditions for the request to count as completed.
    #[serde(default)]
    pub(in crate::scenario) check: RawCheck,
    /// Values of the response to keep: later requests of the same user refer to them as `{{ NAME }}`.
    #[serde(default)]
    pub(in crate::scenario) capture: BTreeMap<String, RawCapture>,
    /// When a failed request is attempted again (never). All latencies count from the first attempt:
    /// `retry = { on = [429, 503], attempts = 3, honour_retry_after = true }`.
    pub(in crate::scenario) retry: Option<RawRetry>,
    /// Whether status 429 is expected and counts neither as completed nor as failed (false).
    #[serde(default)]
    pub(in crate::scenario) expect_429: bool,
}

/// A request that a user makes once, at its start or at its end.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RawHook {
    /// The name in reports (the kind of the request).
    pub(in crate::scenario) name: Option<String>,
    /// The request.
    #[schemars(with = "request::AnyRequest")]
    pub(in crate::scenario) request: toml::Table,
    /// The conditions for the request to count as completed.
    #[serde(default)]
    pub(in crate::scenario) check: RawCheck,
    /// Values of the response to keep: later requests of the same user refer to them as `{{ NAME }}`.
    #[serde(default)]
    pub(in crate::scenario) capture: BTreeMap<String, RawCapture>,
}

/// The place of a value in a response: one of the two keys.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RawCapture {
    /// A JSON pointer into the body, such as `/access_token`.
    pub(in crate::scenario) json: Option<String>,
    /// The name of a response header.
    pub(in crate::scenario) header: Option<String>,
}

/// The conditions for a request to count as completed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RawCheck {
    /// The status, or the statuses, that pass (any 2xx).
    #[serde(default)]
    #[schemars(with = "schema::Statuses")]
    pub(in crate::scenario) status: OneOrMany,
    /// A text that the body must contain.
    pub(in crate::scenario) body_contains: Option<String>,
    /// Expected values by JSON pointer.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, schema::ExpectedValue>")]
    pub(in crate::scenario) json: BTreeMap<String, toml::Value>,
    /// The longest duration that passes.
    pub(in crate::scenario) over: Option<RawDuration>,
    /// Limits on durations of the request: "ttft < 500ms, tpot < 30ms". It fails if it breaks one.
    pub(in crate::scenario) limits: Option<String>,
}

/// `200` or `[200, 201]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::scenario) struct OneOrMany(pub(in crate::scenario) Vec<i64>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor)
    }
}

struct OneOrManyVisitor;

impl<'de> Visitor<'de> for OneOrManyVisitor {
    type Value = OneOrMany;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a status such as 200, or a list of them")
    }

    fn visit_i64<E: de::Error>(self, one: i64) -> Result<OneOrMany, E> {
        Ok(OneOrMany(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<OneOrMany, A::Error> {
        let mut many = Vec::new();
        while let Some(item) = items.next_element()? {
            many.push(item);
        }
        Ok(OneOrMany(many))
    }
}
