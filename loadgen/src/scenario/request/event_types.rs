//! A text, or a list of texts.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};

/// `"token"` or `["token", "delta"]`.
#[derive(Debug, Default)]
pub(super) struct EventTypes(pub(super) Vec<String>);

impl JsonSchema for EventTypes {
    fn schema_name() -> Cow<'static, str> {
        "EventTypes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A type of events, or a list of them.",
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
        })
    }
}

impl<'de> Deserialize<'de> for EventTypes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TypesVisitor)
    }
}

struct TypesVisitor;

impl<'de> Visitor<'de> for TypesVisitor {
    type Value = EventTypes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a type of events such as \"token\", or a list of them")
    }

    fn visit_str<E: de::Error>(self, one: &str) -> Result<EventTypes, E> {
        Ok(EventTypes(vec![one.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<EventTypes, A::Error> {
        let mut types = Vec::new();
        while let Some(item) = items.next_element()? {
            types.push(item);
        }
        Ok(EventTypes(types))
    }
}
