//! Looking for a place in a JSON document without reading the rest.

use std::fmt;

use serde::de::{
    Deserialize as _, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::event::Presence;
use crate::task::Pointer;

/// What a document has where a pointer points at. Nothing is allocated, for this runs for every event.
pub(crate) fn look_up<'d>(document: &'d [u8], pointer: &Pointer) -> Presence<'d> {
    let mut reader = serde_json::Deserializer::from_slice(document);
    Steps(pointer.steps()).deserialize(&mut reader).unwrap_or_default()
}

/// The steps that remain from a value on.
#[derive(Copy, Clone)]
struct Steps<'p>(&'p [String]);

impl<'de> DeserializeSeed<'de> for Steps<'_> {
    type Value = Presence<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self.0.split_first() {
            None => Presence::deserialize(deserializer),
            Some((step, rest)) => deserializer.deserialize_any(StepVisitor { step, rest: Steps(rest) }),
        }
    }
}

struct StepVisitor<'p> {
    step: &'p str,
    rest: Steps<'p>,
}

impl<'de> Visitor<'de> for StepVisitor<'_> {
    type Value = Presence<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut present = Presence::Absent;
        while let Some(is_it) = members.next_key_seed(NameIs(self.step))? {
            if is_it {
                present = members.next_value_seed(self.rest)?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(present)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut present = Presence::Absent;
        // RFC 6901 §4: digits, without leading zeros.
        let is_index = self.step == "0" || !self.step.starts_with(['0', '+']);
        let wanted: Option<usize> = self.step.parse().ok().filter(|_| is_index);
        for index in 0_usize.. {
            if Some(index) == wanted {
                match items.next_element_seed(self.rest)? {
                    Some(found) => present = found,
                    None => break,
                }
            } else if items.next_element::<IgnoredAny>()?.is_none() {
                break;
            }
        }
        Ok(present)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Presence::Absent)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Presence::Absent)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Presence::Absent)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Presence::Absent)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Presence::Absent)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Presence::Absent)
    }
}

/// Whether a member has this name.
struct NameIs<'p>(&'p str);

impl<'de> DeserializeSeed<'de> for NameIs<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameIs<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn look_up_empty_value_is_absent() {
        let holds =
            |pointer: &str, json: &str| look_up(json.as_bytes(), &Pointer::parse(pointer).unwrap()).is_some();
        let json = r#"{"a":[{"b":""},{"b":"x","c/d":{"~":0}},[],null]}"#;
        assert!(holds("/a/1/b", json) && holds("/a/1/c~1d/~0", json) && holds("/a", json) && holds("", json));
        for nothing in
            ["/a/0/b", "/a/2", "/a/3", "/a/4", "/a/b", "/b", "/a/1/b/c", "/a/1/c~1d/~0/e", "/a/01x"]
        {
            assert!(!holds(nothing, json), "{nothing}");
        }
        assert!(!holds("/a", "not json") && !holds("", "") && !holds("/a", r#"{"a":1"#));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-3..3_i64).prop_map(Value::from),
            "[a~/]{0,1}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 3, |inner| {
            let members = proptest::collection::btree_map("[ab01~/]{0,2}", inner.clone(), 0..3);
            prop_oneof![
                proptest::collection::vec(inner, 0..3).prop_map(Value::from),
                members.prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn is_something(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(members) => !members.is_empty(),
            Value::Bool(_) | Value::Number(_) => true,
        }
    }

    proptest! {
        #[test]
        fn look_up_equals_lookup_in_document(document in any_json(), pointer in "(/(0|1|01|a|b|~0|~1|){1,2}){0,3}") {
            let found = document.pointer(&pointer).is_some_and(is_something);
            let text = document.to_string();
            prop_assert_eq!(look_up(text.as_bytes(), &Pointer::parse(&pointer).unwrap()).is_some(), found);
        }
    }
}
