//! JSON whose objects keep their order.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor},
    ser::SerializeMap as _,
};
use serde_json::Number;

use super::work::Work;

/// A JSON value whose objects keep their order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    /// Returns the member of that name.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Returns the value at a JSON pointer. Parts of the pointer are not unescaped.
    pub(super) fn at(&self, pointer: &str) -> Option<&Self> {
        pointer.split('/').skip(1).try_fold(self, |json, part| {
            let name = part.replace("~1", "/").replace("~0", "~");
            match json {
                Self::Object(_) => json.member(&name),
                Self::Array(items) => items.get(name.parse::<usize>().ok()?),
                Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => None,
            }
        })
    }

    /// Whether the values are equal: `1` equals `1.0`, and the order of an object's members is ignored. Without work
    /// left, nested values count as different.
    pub(super) fn equals(&self, other: &Self, work: &Work) -> bool {
        work.spend(1);
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a == b || a.as_f64() == b.as_f64(),
            (Self::String(a), Self::String(b)) => {
                work.spend_on_text(if a.len() == b.len() { a.len() } else { 0 });
                a == b
            }
            (Self::Array(a), Self::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| !work.is_used_up() && a.equals(b, work))
            }
            (Self::Object(a), Self::Object(b)) => {
                let found = |(key, value): &(String, Self)| {
                    work.spend(b.len());
                    !work.is_used_up() && other.member(key).is_some_and(|it| it.equals(value, work))
                };
                a.len() == b.len() && a.iter().all(found)
            }
            _ => self == other,
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Json, E> {
        let number = Number::from_f64(value).map(Json::Number);
        number.ok_or_else(|| E::custom(format!("{value} cannot be had in JSON")))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        // The last of several members with the same name counts, as usual.
        let mut seen = std::collections::HashSet::new();
        let kept: Vec<bool> =
            object.iter().rev().map(|(key, _): &(String, Json)| seen.insert(key.clone())).collect();
        let mut kept = kept.into_iter().rev();
        object.retain(|_| kept.next().unwrap_or(true));
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn serialize_keeps_the_order_of_members() {
        let text = r#"{"z":[1,2.5,-3,null],"a":{"é":"\"\n"},"m":true}"#;
        assert_eq!(json(text).to_string(), text);
        assert_eq!(json(r#"{"a":1,"b":2,"a":3}"#).to_string(), r#"{"b":2,"a":3}"#);
    }

    #[test]
    fn at_pointer_returns_the_named_value() {
        let whole = json(r#"{"a/b":[{"~":7}]}"#);
        assert_eq!(whole.at("/a~1b/0/~0"), Some(&json("7")));
        assert_eq!((whole.at(""), whole.at("/a")), (Some(&whole), None));
    }

    #[test]
    fn equals_ignores_the_notation() {
        let equal = |a, b| json(a).equals(&json(b), &Work::new());
        assert!(equal(r#"{"a":1,"b":[2.0]}"#, r#"{"b":[2],"a":1.0}"#));
        assert!(!equal("[1]", "[1,1]"));
        assert!(!equal(r#""1""#, "1"));
    }
}
