//! The ids and shapes of output items.

use std::sync::Arc;

use bytes::BytesMut;
use weir_model::{Choice, Finish, SegmentKind};

use crate::{
    api::openai::logprobs::{ChoiceLogprobs, Logprobs},
    request::json::{write_string, write_tokens},
};

/// Encodes the items of one answer.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// The base of ids, as the inside of a JSON string.
    pub(super) key: Box<str>,
    pub(super) summaries: Summaries,
    pub(super) reasoning: ReasoningContent,
    /// The tools whose calls contain a text.
    pub(super) custom: Box<[Arc<str>]>,
    /// Set if log probabilities are requested.
    pub(super) logprobs: Option<Logprobs>,
}

/// Whether summaries of the reasoning are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Summaries {
    Wanted,
    #[default]
    NotWanted,
}

/// Whether reasoning items have encrypted content, for clients of answers that are not stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ReasoningContent {
    Encrypted,
    #[default]
    Stored,
}

/// The state of an item.
#[derive(Clone, Copy, Debug)]
pub(super) enum ItemState<'a> {
    Begun,
    /// Complete: the status, the text as the inside of a JSON string, and its log probabilities as the inside of a list.
    Ended(&'static str, &'a [u8], &'a [u8]),
}

/// The id of a call, which the client returns with the tool's result.
pub(super) fn call_id(key: &str, index: usize) -> String {
    format!("call_{key}{index:02x}")
}

/// The final status of the item at `index`: only a truncated one is incomplete.
pub(super) const fn status(finish: Finish, index: usize, count: usize) -> &'static str {
    match finish {
        Finish::Length if index + 1 == count => "incomplete",
        Finish::Length | Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls | Finish::Refused => {
            "completed"
        }
    }
}

impl Items {
    /// Whether a call of this tool contains a text instead of arguments.
    pub(super) fn is_custom(&self, tool: &str) -> bool {
        self.custom.iter().any(|name| &**name == tool)
    }

    /// The log probabilities of the text at `index`, if they are requested.
    pub(super) fn logprobs_of(&self, index: usize) -> Option<ChoiceLogprobs> {
        self.logprobs.map(|logprobs| logprobs.of_choice(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// Writes the id of the item at `index`.
    pub(super) fn write_id(&self, out: &mut BytesMut, index: usize, kind: &SegmentKind) {
        let prefix: &[u8] = match kind {
            SegmentKind::Reasoning => b"rs_",
            SegmentKind::Text | SegmentKind::Refusal => b"msg_",
            SegmentKind::ToolCall { name } if self.is_custom(name) => b"ctc_",
            SegmentKind::ToolCall { .. } => b"fc_",
        };
        out.extend_from_slice(prefix);
        out.extend_from_slice(self.key.as_bytes());
        out.extend_from_slice(format!("{index:02x}").as_bytes());
    }

    /// Writes the item at `index`.
    pub(super) fn write(&self, out: &mut BytesMut, index: usize, kind: &SegmentKind, state: ItemState<'_>) {
        out.extend_from_slice(b"{\"id\":\"");
        self.write_id(out, index, kind);
        let (status, ended) = match state {
            ItemState::Begun => ("in_progress", None),
            ItemState::Ended(status, text, logprobs) => (status, Some((text, logprobs))),
        };
        match kind {
            SegmentKind::Text | SegmentKind::Refusal => write_message(out, kind, status, ended),
            SegmentKind::Reasoning => self.write_reasoning(out, index, ended.map(|(text, _)| text)),
            SegmentKind::ToolCall { name } => {
                let (item, field): (&[u8], &[u8]) = match self.is_custom(name) {
                    true => (b"custom_tool_call", b"input"),
                    false => (b"function_call", b"arguments"),
                };
                out.extend_from_slice(b"\",\"type\":\"");
                out.extend_from_slice(item);
                out.extend_from_slice(b"\",\"status\":\"");
                out.extend_from_slice(status.as_bytes());
                out.extend_from_slice(b"\",\"call_id\":\"");
                out.extend_from_slice(call_id(&self.key, index).as_bytes());
                out.extend_from_slice(b"\",\"name\":");
                write_string(out, name);
                out.extend_from_slice(b",\"");
                out.extend_from_slice(field);
                out.extend_from_slice(b"\":\"");
                out.extend_from_slice(ended.unwrap_or_default().0);
                out.extend_from_slice(b"\"}");
            }
        }
    }

    fn write_reasoning(&self, out: &mut BytesMut, index: usize, text: Option<&[u8]>) {
        out.extend_from_slice(b"\",\"type\":\"reasoning\",\"summary\":[");
        if let (Summaries::Wanted, Some(text)) = (self.summaries, text) {
            write_summary(out, text);
        }
        out.extend_from_slice(b"]");
        if self.reasoning == ReasoningContent::Encrypted {
            out.extend_from_slice(b",\"encrypted_content\":\"gAAAAA");
            out.extend_from_slice(self.key.as_bytes());
            out.extend_from_slice(format!("{index:02x}").as_bytes());
            out.extend_from_slice(b"\"");
        }
        out.extend_from_slice(b"}");
    }

    /// Writes all items of an answer.
    pub(super) fn write_all(&self, out: &mut BytesMut, choice: &Choice) {
        let (mut text, mut logprobs) = (BytesMut::new(), BytesMut::new());
        for (index, segment) in choice.segments.iter().enumerate() {
            if index > 0 {
                out.extend_from_slice(b",");
            }
            text.clear();
            write_tokens(&mut text, &segment.text);
            logprobs.clear();
            if segment.kind == SegmentKind::Text
                && let Some(mut drawn) = self.logprobs_of(index)
            {
                let mut tokens = segment.text.tokens();
                while let Some(token) = tokens.next_token() {
                    add_entry(&mut logprobs, &mut drawn, token);
                }
            }
            let status = status(choice.finish, index, choice.segments.len());
            self.write(out, index, &segment.kind, ItemState::Ended(status, &text, &logprobs));
        }
    }
}

/// Adds the log probabilities of the next token to the inside of a list.
pub(super) fn add_entry(list: &mut BytesMut, logprobs: &mut ChoiceLogprobs, token: &str) {
    if !list.is_empty() {
        list.extend_from_slice(b",");
    }
    logprobs.draw().write(list, token);
}

/// `ended`: the text and its log probabilities.
fn write_message(out: &mut BytesMut, kind: &SegmentKind, status: &str, ended: Option<(&[u8], &[u8])>) {
    out.extend_from_slice(b"\",\"type\":\"message\",\"status\":\"");
    out.extend_from_slice(status.as_bytes());
    out.extend_from_slice(b"\",\"role\":\"assistant\",\"content\":[");
    if let Some((text, logprobs)) = ended {
        write_part(out, kind, text, logprobs);
    }
    out.extend_from_slice(b"]}");
}

/// Writes the part of a message.
pub(super) fn write_part(out: &mut BytesMut, kind: &SegmentKind, text: &[u8], logprobs: &[u8]) {
    match kind {
        SegmentKind::Refusal => out.extend_from_slice(b"{\"type\":\"refusal\",\"refusal\":\""),
        SegmentKind::Text | SegmentKind::Reasoning | SegmentKind::ToolCall { .. } => {
            out.extend_from_slice(b"{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[");
            out.extend_from_slice(logprobs);
            out.extend_from_slice(b"],\"text\":\"");
        }
    }
    out.extend_from_slice(text);
    out.extend_from_slice(b"\"}");
}

/// Writes the part of a reasoning item.
pub(super) fn write_summary(out: &mut BytesMut, text: &[u8]) {
    out.extend_from_slice(b"{\"type\":\"summary_text\",\"text\":\"");
    out.extend_from_slice(text);
    out.extend_from_slice(b"\"}");
}
