//! The conversation so far, as far as answers depend on it.

use std::borrow::Cow;

use weir_model::{Content, LastMessage, SegmentKind, TokenCounter, ToolResult, Transcript};

use super::items;

/// Tokens around the text of each message, as in the provider's chat format.
pub(super) const TOKENS_PER_MESSAGE: u32 = 4;
/// Tokens around the texts of a tool call or its result.
pub(super) const TOKENS_PER_CALL: u32 = 3;

/// The conversation so far, without instructions and tools, which belong to one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Conversation<'a> {
    pub(super) transcript: Transcript<'a>,
    /// The tool calls since the last message of the user: id and tool.
    pub(super) calls: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    pub(super) tokens: u32,
}

impl<'a> Conversation<'a> {
    pub(super) fn add_tokens(&mut self, tokens: u32) {
        self.tokens = self.tokens.saturating_add(tokens);
    }

    pub(super) fn add_user(&mut self, text: Cow<'a, str>) {
        self.transcript.last_user = text;
        self.transcript.tool_results.clear();
        self.transcript.last = LastMessage::User;
        self.calls.clear();
    }

    pub(super) fn add_answer(&mut self) {
        self.transcript.answers = self.transcript.answers.saturating_add(1);
        self.transcript.last = LastMessage::User;
    }

    pub(super) fn add_call(&mut self, id: Cow<'a, str>, tool: Cow<'a, str>) {
        self.calls.push((id, tool));
        self.transcript.last = LastMessage::User;
    }

    pub(super) fn add_result(&mut self, call: &str, text: Cow<'a, str>) {
        let tool = self.calls.iter().rev().find(|(id, _)| id == call).map(|(_, tool)| tool.clone());
        self.transcript.tool_results.push(ToolResult { tool, text });
        self.transcript.last = LastMessage::ToolResult;
    }

    /// Adds the model's answer, without its reasoning.
    pub(super) fn add_content(&mut self, key: &str, content: &Content, counter: &TokenCounter) {
        let segments = content.choices().first().map_or(&[][..], |choice| &choice.segments);
        for (place, segment) in segments.iter().enumerate() {
            let tokens = segment.text.token_count();
            match &segment.kind {
                SegmentKind::Reasoning => {}
                SegmentKind::Text | SegmentKind::Refusal => {
                    self.add_tokens(TOKENS_PER_MESSAGE.saturating_add(tokens));
                    self.add_answer();
                }
                SegmentKind::ToolCall { name } => {
                    self.add_tokens(
                        TOKENS_PER_CALL.saturating_add(counter.count(name)).saturating_add(tokens),
                    );
                    self.add_call(Cow::Owned(items::call_id(key, place)), Cow::Owned(name.to_string()));
                }
            }
        }
    }

    /// Returns an owned copy.
    pub(super) fn into_owned(self) -> Conversation<'static> {
        let owned = |text: Cow<'_, str>| -> Cow<'static, str> { Cow::Owned(text.into_owned()) };
        let Transcript { last_user, answers, tool_results, last } = self.transcript;
        let result = |ToolResult { tool, text }| ToolResult { tool: tool.map(owned), text: owned(text) };
        Conversation {
            transcript: Transcript {
                last_user: owned(last_user),
                answers,
                tool_results: tool_results.into_iter().map(result).collect(),
                last,
            },
            calls: self.calls.into_iter().map(|(id, tool)| (owned(id), owned(tool))).collect(),
            tokens: self.tokens,
        }
    }

    /// Its approximate size in bytes.
    pub(super) fn bytes(&self) -> usize {
        let results = self.transcript.tool_results.iter();
        let results =
            results.map(|result| result.text.len() + result.tool.as_ref().map_or(0, |tool| tool.len()));
        let calls = self.calls.iter().map(|(id, tool)| id.len() + tool.len());
        self.transcript.last_user.len() + results.sum::<usize>() + calls.sum::<usize>()
    }
}
