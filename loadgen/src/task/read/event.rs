//! What the measuring of a stream has to know of each event: whether there is content in it. Nothing is allocated,
//! for this runs for every token.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What one event event.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ParsedEvent<'a> {
    pub(crate) deltas: Deltas<'a>,
    pub(crate) usage: Usage,
    pub(crate) position: Position,
}

/// The position of an event in its stream.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Position {
    #[default]
    Within,
    /// It is the one with which the stream ends.
    Last,
}

/// The token counts that a server reports.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) input: Option<u64>,
    /// The part of the input that was read from a prompt cache.
    pub(crate) cached: Option<u64>,
    pub(crate) output: Option<u64>,
}

impl Usage {
    /// These counts, and those of `before` where they are missing.
    pub(crate) fn or(self, before: Self) -> Self {
        Self {
            input: self.input.or(before.input),
            cached: self.cached.or(before.cached),
            output: self.output.or(before.output),
        }
    }
}

/// The details of input tokens, as both of OpenAI's APIs have them.
#[derive(Copy, Clone, Debug, Default, serde::Deserialize)]
pub(crate) struct InputDetails {
    #[serde(default)]
    pub(crate) cached_tokens: Option<u64>,
}

impl ParsedEvent<'_> {
    /// The same without its text, which need not be kept any longer.
    pub(crate) fn without_text(self) -> ParsedEvent<'static> {
        let Deltas { content, output, .. } = self.deltas;
        ParsedEvent {
            deltas: Deltas { content, output, text: None },
            usage: self.usage,
            position: self.position,
        }
    }
}

/// The kinds of content of an event.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Deltas<'a> {
    /// Content, reasoning or a tool call.
    pub(crate) content: bool,
    /// Content or a tool call.
    pub(crate) output: bool,
    /// The text, if it is all of the content and appears in the data without escapes.
    pub(crate) text: Option<&'a str>,
}

impl<'a> Deltas<'a> {
    /// Content or a tool call, where there is any.
    pub(crate) fn output(present: Presence<'a>) -> Self {
        Self { content: present.is_some(), output: present.is_some(), text: present.text() }
    }

    /// Reasoning, where there is any.
    pub(crate) fn reasoning(present: Presence<'a>) -> Self {
        Self { output: false, ..Self::output(present) }
    }

    pub(crate) fn and(self, other: Self) -> Self {
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

/// What the items of a list hold, all taken merged; the items are not kept.
#[derive(Debug)]
pub(crate) struct MergedDeltas<'a, T> {
    pub(crate) deltas: Deltas<'a>,
    item: PhantomData<T>,
}

impl<T> Default for MergedDeltas<'_, T> {
    fn default() -> Self {
        Self { deltas: Deltas::default(), item: PhantomData }
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de> + Into<Deltas<'a>>> Deserialize<'de> for MergedDeltas<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(MergedDeltasVisitor(PhantomData))
    }
}

struct MergedDeltasVisitor<'a, T>(PhantomData<(&'a (), T)>);

impl<'de: 'a, 'a, T: Deserialize<'de> + Into<Deltas<'a>>> Visitor<'de> for MergedDeltasVisitor<'a, T> {
    type Value = MergedDeltas<'a, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut merged = MergedDeltas::default();
        while let Some(item) = items.next_element::<T>()? {
            merged.deltas = merged.deltas.and(item.into());
        }
        Ok(merged)
    }
}

/// Whether a value is there and not empty; all but texts are passed over.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Presence<'a> {
    #[default]
    Absent,
    NonEmpty,
    /// A text that appears in the JSON without escapes.
    Text(&'a str),
}

impl<'a> Presence<'a> {
    pub(crate) fn is_some(self) -> bool {
        self != Self::Absent
    }

    fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::NonEmpty => None,
        }
    }

    fn something(is: bool) -> Self {
        if is { Self::NonEmpty } else { Self::Absent }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Presence<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PresenceVisitor)
    }
}

struct PresenceVisitor;

impl<'de> Visitor<'de> for PresenceVisitor {
    type Value = Presence<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(if text.is_empty() { Presence::Absent } else { Presence::Text(text) })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Presence::something(!text.is_empty()))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Presence::Absent)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Presence::NonEmpty)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Presence::NonEmpty)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Presence::NonEmpty)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Presence::NonEmpty)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut present = false;
        while items.next_element::<IgnoredAny>()?.is_some() {
            present = true;
        }
        Ok(Presence::something(present))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut present = false;
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            present = true;
        }
        Ok(Presence::something(present))
    }
}
