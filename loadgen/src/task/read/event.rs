//! What the measuring of a stream has to know of each event: whether there is content in it. Nothing is allocated,
//! for this runs for every token.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::choices::ChoiceMarks;
use super::usage::Usage;

/// What one event holds.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ParsedEvent<'a> {
    pub(crate) deltas: Deltas<'a>,
    pub(crate) usage: Usage,
    pub(crate) position: Position,
    pub(crate) choices: ChoiceMarks,
}

/// The position of an event in its stream.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Position {
    #[default]
    Within,
    /// The answer is complete with it. Token counts and the end mark may follow.
    Complete,
    /// It is the one with which the stream ends.
    Last,
}

impl ParsedEvent<'_> {
    /// The same without its text, which need not be kept any longer.
    pub(crate) fn without_text(self) -> ParsedEvent<'static> {
        let Deltas { content, output, .. } = self.deltas;
        ParsedEvent {
            deltas: Deltas { content, output, text: None },
            usage: self.usage,
            position: self.position,
            choices: self.choices,
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
    /// A text of the answer.
    pub(crate) fn text(text: &'a str) -> Self {
        Self::output(if text.is_empty() { Presence::Absent } else { Presence::Text(text) })
    }

    /// Content whose text does not appear in the data.
    pub(crate) fn of_output(is_present: bool) -> Self {
        Self::output(Presence::something(is_present))
    }

    /// Content or a tool call, where there is any.
    pub(crate) fn output(present: Presence<'a>) -> Self {
        Self { content: present.is_some(), output: present.is_some(), text: present.text() }
    }

    /// Reasoning, where there is any.
    pub(crate) fn reasoning(present: Presence<'a>) -> Self {
        Self { output: false, ..Self::output(present) }
    }

    /// The same, as reasoning.
    pub(crate) fn into_reasoning(self) -> Self {
        Self { output: false, ..self }
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

    pub(crate) fn text(self) -> Option<&'a str> {
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
