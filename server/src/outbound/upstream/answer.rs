//! Responses of an OpenAI-compatible API, as far as chains need them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use weir_chains::{FinishReason, LlmError, LlmOutput, Usage};

use super::broken;

/// A whole answer.
#[derive(Debug, Deserialize)]
pub(super) struct CompletionResponse {
    choices: Vec<Choice>,
    usage: Option<RawUsage>,
}

/// One event of a streamed answer.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<RawUsage>,
    error: Option<ErrorBody>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    message: Option<Message>,
    delta: Option<Message>,
    finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Message {
    content: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<RawToolCall>>,
}

/// A part of a tool call; in a stream, the parts of one call have the same index.
#[derive(Debug, Deserialize)]
struct RawToolCall {
    index: Option<usize>,
    function: RawFunction,
}

#[derive(Debug, Deserialize)]
struct RawFunction {
    name: Option<String>,
    arguments: Option<String>,
}

/// A tool call of an answer.
#[derive(Debug, Default, Serialize)]
struct ToolCall {
    name: String,
    /// JSON, as the model writes it.
    arguments: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawUsage {
    prompt_tokens: u64,
    completion_tokens: u64,
}

#[derive(Debug, Deserialize)]
struct ErrorBody {
    message: Option<String>,
}

/// The received part of an answer.
#[derive(Debug, Default)]
pub(super) struct PartialResponse {
    text: String,
    tool_calls: BTreeMap<usize, ToolCall>,
    usage: Usage,
    finish: Option<FinishReason>,
    /// Whether the stream has ended.
    pub(super) done: bool,
}

impl CompletionResponse {
    pub(super) fn read(body: &[u8]) -> Result<PartialResponse, LlmError> {
        let Self { choices, usage } = serde_json::from_slice(body).map_err(|error| broken(&error))?;
        let mut gathered = PartialResponse { done: true, ..PartialResponse::default() };
        gathered.take(Chunk { choices, usage, error: None });
        Ok(gathered)
    }
}

impl Chunk {
    pub(super) fn read(data: &[u8]) -> Result<Self, LlmError> {
        let chunk: Self = serde_json::from_slice(data).map_err(|error| broken(&error))?;
        match chunk.error {
            Some(fault) => Err(broken(&fault.message.as_deref().unwrap_or("an error without a message"))),
            None => Ok(chunk),
        }
    }
}

impl PartialResponse {
    /// Adds a chunk; returns the new piece of the text, if there is one.
    pub(super) fn take(&mut self, chunk: Chunk) -> Option<String> {
        if let Some(RawUsage { prompt_tokens, completion_tokens }) = chunk.usage {
            self.usage = Usage { prompt_tokens, completion_tokens };
        }
        let choice = chunk.choices.into_iter().next()?;
        self.finish = match choice.finish_reason.as_deref() {
            Some("length") => Some(FinishReason::Length),
            Some(_) => Some(FinishReason::Stop),
            None => self.finish,
        };
        let message = choice.message.or(choice.delta)?;
        for (place, piece) in message.tool_calls.into_iter().flatten().enumerate() {
            let call = self.tool_calls.entry(piece.index.unwrap_or(place)).or_default();
            call.name.push_str(&piece.function.name.unwrap_or_default());
            call.arguments.push_str(&piece.function.arguments.unwrap_or_default());
        }
        let piece = message.content.filter(|piece| !piece.is_empty())?;
        self.text.push_str(&piece);
        Some(piece)
    }

    pub(super) fn finish(self) -> Result<LlmOutput, LlmError> {
        match self.finish {
            Some(finish) if self.done && self.tool_calls.is_empty() => {
                Ok(LlmOutput { text: self.text, usage: self.usage, finish })
            }
            Some(finish) if self.done => {
                let calls: Vec<&ToolCall> = self.tool_calls.values().collect();
                let text = serde_json::to_string(&calls).map_err(|error| broken(&error))?;
                Ok(LlmOutput { text, usage: self.usage, finish })
            }
            _ => Err(LlmError::Truncated),
        }
    }
}

/// The message of an error in OpenAI's shape.
pub(super) fn error_message(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Body {
        error: ErrorBody,
    }
    serde_json::from_slice::<Body>(body).ok()?.error.message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(events: &[&str]) -> Result<LlmOutput, LlmError> {
        let mut gathered = PartialResponse { done: true, ..PartialResponse::default() };
        for event in events {
            gathered.take(Chunk::read(event.as_bytes())?);
        }
        gathered.finish()
    }

    #[test]
    fn add_chunks_concatenates_them() {
        let output = gathered(&[
            r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}"#,
            r#"{"choices":[{"delta":{"content":"Wa"}}]}"#,
            r#"{"choices":[{"delta":{"content":"ter"}}]}"#,
            r#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#,
        ]);
        let usage = Usage { prompt_tokens: 3, completion_tokens: 2 };
        assert_eq!(
            output.unwrap(),
            LlmOutput { text: "Water".to_owned(), usage, finish: FinishReason::Length }
        );
    }

    #[test]
    fn add_tool_calls_without_text_returns_them_as_text() {
        let output = gathered(&[
            r#"{"choices":[{"delta":{"content":null,"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"look","arguments":""}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"q\":1}"}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"name":"add","arguments":"{}"}}]}}]}"#,
            r#"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#,
        ]);
        insta::assert_snapshot!(output.unwrap().text, @r#"[{"name":"look","arguments":"{\"q\":1}"},{"name":"add","arguments":"{}"}]"#);
    }

    #[test]
    fn finish_of_incomplete_or_invalid_answers_fails() {
        let error = |events: &[&str]| gathered(events).unwrap_err().to_string();
        insta::assert_snapshot!(error(&[r#"{"choices":[{"delta":{"content":"Wa"}}]}"#]), @"the response ended before it was complete");
        insta::assert_snapshot!(error(&[r#"{"error":{"message":"overloaded"}}"#]), @"upstream failed: the answer cannot be read: overloaded");
        insta::assert_snapshot!(error(&["<html>"]), @"upstream failed: the answer cannot be read: expected value at line 1 column 1");
        insta::assert_snapshot!(CompletionResponse::read(b"{}").unwrap_err(), @"upstream failed: the answer cannot be read: missing field `choices` at line 1 column 2");
    }

    #[test]
    fn error_message_is_found_in_any_shape() {
        assert_eq!(error_message(br#"{"error":{"message":"no"}}"#).as_deref(), Some("no"));
        assert_eq!(error_message(b"no"), None);
    }
}
