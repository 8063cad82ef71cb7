//! `foreach = "input.items"`, or a table.

use std::{fmt, num::NonZeroUsize};

use serde::{Deserialize, Deserializer, de};

/// Over what a step fans out, and how far.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub(crate) struct RawForeach {
    /// An expression that gives a list.
    pub(crate) over: String,
    pub(crate) at_once: Option<NonZeroUsize>,
    pub(crate) at_most: Option<usize>,
}

impl<'de> Deserialize<'de> for RawForeach {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Form)
    }
}

/// The two forms in which it is written.
struct Form;

impl<'de> de::Visitor<'de> for Form {
    type Value = RawForeach;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an expression that gives a list, such as \"input.items\", or a table with it as `over`")
    }

    fn visit_str<E: de::Error>(self, over: &str) -> Result<RawForeach, E> {
        Ok(RawForeach { over: over.to_owned(), at_once: None, at_most: None })
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<RawForeach, A::Error> {
        RawForeach::deserialize(de::value::MapAccessDeserializer::new(map))
    }
}
