//! A scenario as it is written.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use weir_pace::{Latency, Rate};

use super::raw_criteria::{RawBounds, RawLimits};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScenario {
    pub(super) about: Option<String>,
    pub(super) url: Option<String>,
    pub(super) api_key_env: Option<String>,
    pub(super) ca_file: Option<PathBuf>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) headers_env: BTreeMap<String, String>,
    pub(super) load: RawLoad,
    #[serde(default)]
    pub(super) timeouts: RawTimeouts,
    #[serde(default)]
    pub(super) user: BTreeMap<String, RawUser>,
    #[serde(default)]
    pub(super) thresholds: BTreeMap<String, RawLimits>,
    #[serde(default)]
    pub(super) goodput: Vec<String>,
    pub(super) bands: Option<BTreeMap<String, RawBounds>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLoad {
    pub(super) users: Option<u64>,
    pub(super) spawn_rate: Option<Rate>,
    pub(super) rate: Option<Rate>,
    pub(super) arrivals: Option<String>,
    pub(super) max_in_flight: Option<u64>,
    pub(super) requests: Option<u64>,
    pub(super) run_time: Option<Span>,
    pub(super) warm_up: Option<Span>,
    pub(super) grace: Option<Span>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTimeouts {
    pub(super) connect: Option<Span>,
    pub(super) tls: Option<Span>,
    pub(super) headers: Option<Span>,
    pub(super) idle: Option<Span>,
    pub(super) total: Option<Span>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawUser {
    pub(super) weight: Option<u32>,
    pub(super) think: Option<Latency>,
    #[serde(default)]
    pub(super) task: Vec<RawTask>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTask {
    pub(super) name: Option<String>,
    pub(super) weight: Option<u32>,
    /// Read when its `kind` is known.
    pub(super) request: toml::Table,
    #[serde(default)]
    pub(super) check: RawCheck,
    #[serde(default)]
    pub(super) expect_429: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCheck {
    #[serde(default)]
    pub(super) status: OneOrMany,
    pub(super) body_contains: Option<String>,
    pub(super) over: Option<Span>,
}

/// A duration as text with a unit.
#[derive(Copy, Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Span(#[serde(with = "weir_pace::duration_text")] pub(super) Duration);

/// `200` or `[200, 201]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OneOrMany(pub(super) Vec<i64>);

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
