//! What the measuring of a stream has to know of each event: whether there is content in it. Nothing is allocated,
//! for this runs for every token.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::plain::Usage;

/// A `chat.completion.chunk`, or an error in its place.
#[derive(serde::Deserialize)]
pub(super) struct ChatEvent<'a> {
    #[serde(default)]
    pub(super) choices: Deltas,
    #[serde(default)]
    pub(super) usage: Option<Usage>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

/// An event of a chain's stream, or an error in its place.
#[derive(serde::Deserialize)]
pub(super) struct ChainEvent<'a> {
    #[serde(rename = "type", default)]
    pub(super) kind: EventType,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

/// The types of a chain's events, as far as they are told apart.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum EventType {
    Token,
    #[default]
    #[serde(other)]
    Another,
}

/// What the choices of an event hold, all taken together.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deltas {
    /// Content, reasoning or a tool call.
    pub(super) content: bool,
    /// Content or a tool call.
    pub(super) output: bool,
}

#[derive(serde::Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Option<Delta>,
}

#[derive(Default, serde::Deserialize)]
struct Delta {
    #[serde(default)]
    content: Present,
    #[serde(default)]
    reasoning_content: Present,
    #[serde(default)]
    reasoning: Present,
    #[serde(default)]
    refusal: Present,
    #[serde(default)]
    tool_calls: Present,
}

impl<'de> Deserialize<'de> for Deltas {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(DeltasVisitor)
    }
}

struct DeltasVisitor;

impl<'de> Visitor<'de> for DeltasVisitor {
    type Value = Deltas;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of choices")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut choices: A) -> Result<Deltas, A::Error> {
        let mut deltas = Deltas::default();
        while let Some(choice) = choices.next_element::<Choice>()? {
            let delta = choice.delta.unwrap_or_default();
            let output = delta.content.0 || delta.refusal.0 || delta.tool_calls.0;
            deltas.output |= output;
            deltas.content |= output || delta.reasoning_content.0 || delta.reasoning.0;
        }
        Ok(deltas)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn deltas(json: &str) -> (bool, bool) {
        let event: ChatEvent<'_> = serde_json::from_str(json).unwrap();
        (event.choices.content, event.choices.output)
    }

    #[test]
    fn content_is_what_is_not_empty() {
        let chunk = |delta: &str| {
            deltas(&format!(r#"{{"choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#))
        };
        assert_eq!(chunk(r#"{"role":"assistant","content":"","refusal":null}"#), (false, false));
        assert_eq!(chunk(r#"{"content":"Foo \"x\" \u00e9"}"#), (true, true));
        assert_eq!(chunk(r#"{"reasoning_content":"hm"}"#), (true, false));
        assert_eq!(chunk(r#"{"reasoning":"hm","content":null}"#), (true, false));
        assert_eq!(chunk(r#"{"content":null,"tool_calls":[{"index":0,"id":"call_1"}]}"#), (true, true));
        assert_eq!(chunk(r#"{"tool_calls":[]}"#), (false, false));
        assert_eq!(chunk("{}"), (false, false));
        assert_eq!(chunk("null"), (false, false));
    }

    #[test]
    fn any_choice_of_several_counts() {
        assert_eq!(deltas(r#"{"choices":[{"delta":{}},{"delta":{"content":"x"}}]}"#), (true, true));
        assert_eq!(deltas(r#"{"choices":[],"usage":{"completion_tokens":3}}"#), (false, false));
        assert_eq!(deltas(r#"{"id":"x","usage":null}"#), (false, false));
    }

    #[test]
    fn an_error_is_seen_and_null_is_none() {
        let event: ChatEvent<'_> = serde_json::from_str(r#"{"error":{"message":"gone"}}"#).unwrap();
        assert_eq!(event.error.map(RawValue::get), Some(r#"{"message":"gone"}"#));
        let event: ChainEvent<'_> = serde_json::from_str(r#"{"error":null,"type":"token"}"#).unwrap();
        assert!(event.error.is_none());
        assert_eq!(event.kind, EventType::Token);
        let event: ChainEvent<'_> = serde_json::from_str(r#"{"type":"step_started"}"#).unwrap();
        assert_eq!(event.kind, EventType::Another);
    }
}
