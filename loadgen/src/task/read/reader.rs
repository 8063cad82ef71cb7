//! What a dialect implements to have its answers read.

use std::fmt::Debug;

use serde_json::Value;

use crate::record::Problem;
use crate::task::reply::{History, Reply};

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

    /// Returns the text and the tool calls of an answer, for the next request of a conversation.
    fn body_reply(&self, _answer: &Value) -> Reply {
        Reply::default()
    }

    /// How messages are written in the next request, if the API has conversations.
    fn history(&self) -> Option<&'static dyn History> {
        None
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

    /// Adds what an event adds to the text and the tool calls of an answer.
    fn add_to_reply(&self, _event: &Value, _reply: &mut Reply) {}

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

    /// How messages are written in the next request, if the API has conversations.
    fn history(&self) -> Option<&'static dyn History> {
        None
    }
}
