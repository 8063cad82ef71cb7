//! What a dialect implements to have its answers read.

use std::fmt::Debug;

use serde_json::Value;

use crate::record::Problem;

use super::event::ParsedEvent;
use super::usage::Usage;

/// What a plain answer holds.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BodyContent {
    pub(crate) usage: Usage,
    /// It was generated, and has no content, reasoning or tool call.
    pub(crate) is_empty: bool,
}

/// Reads the plain answers of an API.
pub(crate) trait BodyReader: Debug + Send + Sync {
    /// Reads a whole body.
    ///
    /// # Errors
    /// Fails if the body is not an answer of the API, or reports a failure.
    fn read_body(&self, body: &[u8]) -> Result<BodyContent, Problem>;

    /// Whether a model generates the answers.
    fn is_generated(&self) -> bool {
        true
    }

    /// Returns the text of an answer, without reasoning, for the next turn of a conversation.
    fn body_text(&self, _answer: &Value) -> String {
        String::new()
    }
}

/// How the completeness of a stream is known.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// By its end mark, or by an event before it that completes the answer.
    Mark,
    /// By a finish reason of every choice.
    Choices,
    /// By the end of the body.
    Body,
}

/// Reads the streams of an API.
pub(crate) trait EventReader: Debug + Send + Sync {
    /// Reads the data of one event. Runs for every token, and must not allocate.
    ///
    /// # Errors
    /// Fails if the event is not one of the API, or reports a failure.
    fn read_event<'d>(&self, data: &'d [u8]) -> Result<ParsedEvent<'d>, Problem>;

    /// How a stream is known to be complete.
    fn completion(&self) -> Completion;

    /// The name of the last event of a complete stream. Without one, the stream ends with the body.
    fn end_mark(&self) -> Option<&'static str>;

    /// Whether the data of all events is JSON.
    fn is_json(&self) -> bool {
        true
    }

    /// Whether an answer without content is worth a note.
    fn is_generated(&self) -> bool {
        true
    }

    /// Whether [`reads_event_named`](Self::reads_event_named) can be false.
    fn selects_by_name(&self) -> bool {
        false
    }

    /// Whether events of this type (`event: …`; `None` without that line) are read. The others have no content.
    fn reads_event_named(&self, _name: Option<&str>) -> bool {
        true
    }

    /// Explains why no event of any answer had content, if the keys of the task decide what is content.
    fn without_content(&self) -> Option<String> {
        None
    }

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
