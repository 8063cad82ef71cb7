//! What a dialect implements to have its answers read.

use std::fmt::Debug;

use serde_json::Value;

use crate::record::Problem;

use super::event::{ParsedEvent, Usage};

/// Reads the plain answers of an API.
pub(crate) trait BodyReader: Debug + Send + Sync {
    /// Reads a whole body, and returns the token counts in it.
    ///
    /// # Errors
    /// Fails if the body is not an answer of the API, or reports a failure.
    fn read_body(&self, body: &[u8]) -> Result<Usage, Problem>;

    /// Whether a model generates the answers.
    fn is_generated(&self) -> bool {
        true
    }

    /// Returns the text of an answer, without reasoning, for the next turn of a conversation.
    fn body_text(&self, _answer: &Value) -> String {
        String::new()
    }
}

/// Reads the streams of an API.
pub(crate) trait EventReader: Debug + Send + Sync {
    /// Reads the data of one event. Runs for every token, and must not allocate.
    ///
    /// # Errors
    /// Fails if the event is not one of the API, or reports a failure.
    fn read_event<'d>(&self, data: &'d [u8]) -> Result<ParsedEvent<'d>, Problem>;

    /// The name of the last event of a complete stream. Without one, the stream ends with the body.
    fn end_mark(&self) -> Option<&'static str>;

    /// Returns the text that an event adds to the answer, without reasoning.
    fn event_text<'v>(&self, _event: &'v Value) -> Option<&'v str> {
        None
    }
}

/// Returns the texts of the parts of a message that have this type.
pub(crate) fn texts_of_parts(parts: Option<&Value>, kind: &str) -> String {
    let parts = parts.and_then(Value::as_array).into_iter().flatten();
    let of_kind = parts.filter(|part| part.get("type").and_then(Value::as_str) == Some(kind));
    of_kind.filter_map(|part| part.get("text")?.as_str()).collect()
}

/// Returns the text at a JSON pointer; empty if there is none.
pub(crate) fn text_at(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
