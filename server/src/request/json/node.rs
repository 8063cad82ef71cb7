//! JSON as a tree, for errors that name the place of a value.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Number, value::RawValue};
use weir_pace::{Node, NodeKey, NodeValue};

use super::Str;

/// A value of a JSON text. Its elements are parsed when they are accessed.
#[derive(Clone, Copy, Debug)]
pub(super) struct JsonNode<'a>(pub(super) &'a RawValue);

impl<'a> Node<'a> for JsonNode<'a> {
    fn value(self) -> Result<NodeValue<'a, Self>, String> {
        let text = self.0.get();
        let read = match text.as_bytes() {
            [b'n', ..] => Ok(NodeValue::Null),
            [b't', ..] => Ok(NodeValue::Boolean(true)),
            [b'f', ..] => Ok(NodeValue::Boolean(false)),
            [b'"', ..] => serde_json::from_str(text).map(|Str(text)| NodeValue::Text(text)),
            [b'[', ..] => serde_json::from_str(text)
                .map(|items: Vec<&RawValue>| NodeValue::List(items.into_iter().map(Self).collect())),
            [b'{', ..] => serde_json::from_str(text).map(|Members(members)| NodeValue::Table(members)),
            _ => serde_json::from_str(text).map(|read: Number| number(&read)),
        };
        let kind = if text.starts_with('"') { "string" } else { "number" };
        read.map_err(|_| format!("is not a valid {kind}"))
    }

    fn json(self) -> Option<&'a str> {
        Some(self.0.get())
    }
}

fn number<N>(number: &Number) -> NodeValue<'static, N> {
    match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(number), ..) => NodeValue::Unsigned(number),
        (_, Some(number), _) => NodeValue::Signed(number),
        (.., float) => NodeValue::Float(float.unwrap_or(f64::NAN)),
    }
}

/// The members of an object, in the order of the text.
struct Members<'a>(Vec<(NodeKey<'a>, JsonNode<'a>)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some((Str(key), value)) = map.next_entry::<Str<'de>, &RawValue>()? {
                    members.push((NodeKey::new(key), JsonNode(value)));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}
