//! User classes.

use schemars::JsonSchema;
use serde::Deserialize;
use weir_pace::Latency;

use crate::scenario::schema;

use super::task::{RawHook, RawTask};

/// A class of users who do the same tasks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RawUser {
    /// The weight that decides the class's share of the users (1).
    pub(in crate::scenario) weight: Option<u32>,
    /// The think time between a response and the user's next request (none). It is left out if the load is a
    /// `concurrency` or arrivals at a `rate`; the report notes it.
    #[schemars(with = "Option<schema::Latency>")]
    pub(in crate::scenario) think: Option<Latency>,
    /// The tasks of its users. Each time, a user draws one of them.
    #[serde(default)]
    pub(in crate::scenario) task: Vec<RawTask>,
    /// Requests that each user makes once, in this order, before its first task. If one fails, all of them are repeated
    /// after the think time, at least a second. With arrivals at a rate, each worker makes them once for all arrivals.
    #[serde(default)]
    pub(in crate::scenario) on_start: Vec<RawHook>,
    /// Requests that each user makes once, in this order, after its last task, unless the run is interrupted.
    #[serde(default)]
    pub(in crate::scenario) on_stop: Vec<RawHook>,
}
