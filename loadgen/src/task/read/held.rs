//! What the measuring of a stream has to know of each event: whether there is content in it. Nothing is allocated,
//! for this runs for every token.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What one event held.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) deltas: Deltas,
    pub(super) usage: Usage,
    pub(super) place: Place,
}

/// Where an event stands in its stream.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    #[default]
    Within,
    /// It is the one with which the stream ends.
    Last,
}

/// How many tokens a server says that it read and wrote.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) input: Option<u64>,
    /// Of the input, what came out of a prompt cache.
    pub(crate) cached: Option<u64>,
    pub(crate) output: Option<u64>,
}

impl Usage {
    /// This, and where it says nothing, what was said `before`.
    pub(super) fn or(self, before: Self) -> Self {
        Self {
            input: self.input.or(before.input),
            cached: self.cached.or(before.cached),
            output: self.output.or(before.output),
        }
    }
}

/// The details of input tokens, as both of OpenAI's APIs have them.
#[derive(Copy, Clone, Debug, Default, serde::Deserialize)]
pub(super) struct InputDetails {
    #[serde(default)]
    pub(super) cached_tokens: Option<u64>,
}

/// Which kinds of content there are in what was read.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deltas {
    /// Content, reasoning or a tool call.
    pub(super) content: bool,
    /// Content or a tool call.
    pub(super) output: bool,
}

impl Deltas {
    /// Content or a tool call, where there is any.
    pub(super) fn output(present: bool) -> Self {
        Self { content: present, output: present }
    }

    /// Reasoning, where there is any.
    pub(super) fn reasoning(present: bool) -> Self {
        Self { content: present, output: false }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self { content: self.content || other.content, output: self.output || other.output }
    }
}

/// What the items of a list hold, all taken together; the items are not kept.
#[derive(Debug)]
pub(super) struct Together<T> {
    pub(super) deltas: Deltas,
    item: PhantomData<T>,
}

impl<T> Default for Together<T> {
    fn default() -> Self {
        Self { deltas: Deltas::default(), item: PhantomData }
    }
}

impl<'de, T: Deserialize<'de> + Into<Deltas>> Deserialize<'de> for Together<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(TogetherVisitor(PhantomData))
    }
}

struct TogetherVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Into<Deltas>> Visitor<'de> for TogetherVisitor<T> {
    type Value = Together<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Together<T>, A::Error> {
        let mut together = Together::default();
        while let Some(item) = items.next_element::<T>()? {
            together.deltas = together.deltas.and(item.into());
        }
        Ok(together)
    }
}

/// Whether a value is there and not empty; the value itself is passed over.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Present(pub(super) bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PresentVisitor)
    }
}

struct PresentVisitor;

impl<'de> Visitor<'de> for PresentVisitor {
    type Value = Present;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Present, E> {
        Ok(Present(!text.is_empty()))
    }

    fn visit_unit<E: Error>(self) -> Result<Present, E> {
        Ok(Present(false))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Present, E> {
        Ok(Present(true))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Present, E> {
        Ok(Present(true))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Present, E> {
        Ok(Present(true))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Present, E> {
        Ok(Present(true))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Present, A::Error> {
        let mut present = false;
        while items.next_element::<IgnoredAny>()?.is_some() {
            present = true;
        }
        Ok(Present(present))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Present, A::Error> {
        let mut present = false;
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            present = true;
        }
        Ok(Present(present))
    }
}
