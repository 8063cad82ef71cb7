//! Thresholds and bands.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::json;

use super::duration::RawDuration;

/// A threshold, or a list of thresholds.
#[derive(Debug)]
pub(in crate::scenario) struct RawLimits(pub(in crate::scenario) Vec<RawLimit>);

/// `"errors < 1%"`, or `{ limit = "errors < 20%", abort = true, after = "10s" }`.
#[derive(Debug)]
pub(in crate::scenario) struct RawLimit {
    pub(in crate::scenario) limit: String,
    pub(in crate::scenario) abort: bool,
    pub(in crate::scenario) after: Option<RawDuration>,
}

/// The bounds of a band, as text.
#[derive(Debug)]
pub(in crate::scenario) struct RawBounds(pub(in crate::scenario) Vec<String>);

/// A threshold that may end the run.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LimitTable {
    /// The threshold.
    limit: String,
    /// Whether the run ends if the threshold fails (false).
    #[serde(default)]
    abort: bool,
    /// The time in the measured window from which it is checked (10s).
    after: Option<RawDuration>,
}

impl From<LimitTable> for RawLimit {
    fn from(LimitTable { limit, abort, after }: LimitTable) -> Self {
        Self { limit, abort, after }
    }
}

impl From<&str> for RawLimit {
    fn from(limit: &str) -> Self {
        Self { limit: limit.to_owned(), abort: false, after: None }
    }
}

impl JsonSchema for RawLimits {
    fn schema_name() -> Cow<'static, str> {
        "Thresholds".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<LimitTable>();
        let one = json!({ "anyOf": [{ "type": "string" }, table] });
        json_schema!({
            "description": "A threshold, such as \"ttft.p95 < 500ms\", or a list of them.",
            "anyOf": [one, { "type": "array", "items": one }],
        })
    }
}

impl JsonSchema for RawBounds {
    fn schema_name() -> Cow<'static, str> {
        "Bounds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": { "type": ["string", "number"] } })
    }
}

struct LimitsVisitor;
struct LimitVisitor;
struct BoundsVisitor;
struct BoundVisitor;

/// Deserialises `{ limit = "…", abort = true }`.
fn table<'de, A: MapAccess<'de>>(map: A) -> Result<RawLimit, A::Error> {
    LimitTable::deserialize(MapAccessDeserializer::new(map)).map(RawLimit::from)
}

impl<'de> Visitor<'de> for LimitsVisitor {
    type Value = RawLimits;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a threshold such as \"ttft.p95 < 500ms\", or a list of them")
    }

    fn visit_str<E: de::Error>(self, limit: &str) -> Result<RawLimits, E> {
        Ok(RawLimits(vec![limit.into()]))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawLimits, A::Error> {
        Ok(RawLimits(vec![table(map)?]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<RawLimits, A::Error> {
        let mut limits = Vec::new();
        while let Some(limit) = items.next_element()? {
            limits.push(limit);
        }
        Ok(RawLimits(limits))
    }
}

impl<'de> Visitor<'de> for LimitVisitor {
    type Value = RawLimit;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a threshold such as \"ttft.p95 < 500ms\", or { limit = \"…\", abort = true }")
    }

    fn visit_str<E: de::Error>(self, limit: &str) -> Result<RawLimit, E> {
        Ok(limit.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawLimit, A::Error> {
        table(map)
    }
}

impl<'de> Visitor<'de> for BoundsVisitor {
    type Value = RawBounds;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of bounds (quote a figure that contains a point: \"e2e.p95\" = [\"1s\"])")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<RawBounds, A::Error> {
        let mut bounds = Vec::new();
        while let Some(Bound(bound)) = items.next_element()? {
            bounds.push(bound);
        }
        Ok(RawBounds(bounds))
    }
}

struct Bound(String);

impl Visitor<'_> for BoundVisitor {
    type Value = Bound;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bound such as \"500ms\", \"1%\" or 100")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Bound, E> {
        Ok(Bound(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Bound, E> {
        Ok(Bound(number.to_string()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Bound, E> {
        Ok(Bound(number.to_string()))
    }
}

/// Implements `Deserialize` for types whose visitors accept several types of values.
macro_rules! deserialize_any {
    ($($written:ty => $visitor:expr),*) => {$(
        impl<'de> Deserialize<'de> for $written {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any($visitor)
            }
        }
    )*};
}

deserialize_any!(RawLimits => LimitsVisitor, RawLimit => LimitVisitor, RawBounds => BoundsVisitor, Bound => BoundVisitor);
