//! What the measuring of a stream has to know of each event: whether there is content in it. Nothing is allocated,
//! for this runs for every token.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What one event held.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Held<'a> {
    pub(super) deltas: Deltas<'a>,
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

impl Held<'_> {
    /// The same without its text, which need not be kept any longer.
    pub(super) fn without_text(self) -> Held<'static> {
        let Deltas { content, output, .. } = self.deltas;
        Held { deltas: Deltas { content, output, text: None }, usage: self.usage, place: self.place }
    }
}

/// Which kinds of content there are in what was read.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deltas<'a> {
    /// Content, reasoning or a tool call.
    pub(super) content: bool,
    /// Content or a tool call.
    pub(super) output: bool,
    /// The one text that all of the content is, where it stands as it is in what was read.
    pub(super) text: Option<&'a str>,
}

impl<'a> Deltas<'a> {
    /// Content or a tool call, where there is any.
    pub(super) fn output(present: Present<'a>) -> Self {
        Self { content: present.is_some(), output: present.is_some(), text: present.text() }
    }

    /// Reasoning, where there is any.
    pub(super) fn reasoning(present: Present<'a>) -> Self {
        Self { output: false, ..Self::output(present) }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            content: self.content || other.content,
            output: self.output || other.output,
            text: match (self.content, other.content) {
                (true, false) => self.text,
                (false, true) => other.text,
                (true, true) | (false, false) => None,
            },
        }
    }
}

/// What the items of a list hold, all taken together; the items are not kept.
#[derive(Debug)]
pub(super) struct Together<'a, T> {
    pub(super) deltas: Deltas<'a>,
    item: PhantomData<T>,
}

impl<T> Default for Together<'_, T> {
    fn default() -> Self {
        Self { deltas: Deltas::default(), item: PhantomData }
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de> + Into<Deltas<'a>>> Deserialize<'de> for Together<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(TogetherVisitor(PhantomData))
    }
}

struct TogetherVisitor<'a, T>(PhantomData<(&'a (), T)>);

impl<'de: 'a, 'a, T: Deserialize<'de> + Into<Deltas<'a>>> Visitor<'de> for TogetherVisitor<'a, T> {
    type Value = Together<'a, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut together = Together::default();
        while let Some(item) = items.next_element::<T>()? {
            together.deltas = together.deltas.and(item.into());
        }
        Ok(together)
    }
}

/// Whether a value is there and not empty; all but texts are passed over.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Present<'a> {
    #[default]
    Nothing,
    Something,
    /// A text that stands in the JSON as it is, without escapes.
    Text(&'a str),
}

impl<'a> Present<'a> {
    pub(super) fn is_some(self) -> bool {
        self != Self::Nothing
    }

    fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Nothing | Self::Something => None,
        }
    }

    fn something(is: bool) -> Self {
        if is { Self::Something } else { Self::Nothing }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Present<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PresentVisitor)
    }
}

struct PresentVisitor;

impl<'de> Visitor<'de> for PresentVisitor {
    type Value = Present<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(if text.is_empty() { Present::Nothing } else { Present::Text(text) })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Present::something(!text.is_empty()))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Present::Nothing)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Present::Something)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Present::Something)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Present::Something)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Present::Something)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut present = false;
        while items.next_element::<IgnoredAny>()?.is_some() {
            present = true;
        }
        Ok(Present::something(present))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut present = false;
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            present = true;
        }
        Ok(Present::something(present))
    }
}
