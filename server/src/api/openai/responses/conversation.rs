//! The conversation so far, as far as answers depend on it.

use std::{borrow::Cow, sync::Arc};

use weir_model::{Content, LastMessage, SegmentKind, TokenCounter, ToolResult, Transcript};

use super::items;
use crate::request::Problem;

/// Tokens around the text of each message, as in the provider's chat format.
pub(super) const TOKENS_PER_MESSAGE: u32 = 4;
/// Tokens around the texts of a tool call or its result.
pub(super) const TOKENS_PER_CALL: u32 = 3;

/// The conversation so far, without instructions and tools, which belong to one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Conversation<'a> {
    pub(super) transcript: Transcript<'a>,
    /// The tool calls since the last message of the user, and earlier ones without a result.
    pub(super) calls: Vec<Call<'a>>,
    /// Whether parts of it are not known here, so that a result may belong to a call that is not known.
    pub(super) gaps: Gaps,
    pub(super) tokens: u32,
}

/// A tool call of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) tool: Cow<'a, str>,
    pub(super) kind: CallKind,
    pub(super) result: CallResult,
}

/// The kind of a tool call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallKind {
    Function,
    Custom,
}

/// Whether a tool call has its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallResult {
    Missing,
    Given,
}

/// Whether all items of a conversation are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Gaps {
    #[default]
    None,
    /// Some items are references, compacted, or kept by the provider.
    Some,
}

impl CallKind {
    /// The kind in the provider's messages.
    const fn name(self) -> &'static str {
        match self {
            Self::Function => "function call",
            Self::Custom => "custom tool call",
        }
    }
}

impl<'a> Conversation<'a> {
    pub(super) fn add_tokens(&mut self, tokens: u32) {
        self.tokens = self.tokens.saturating_add(tokens);
    }

    pub(super) fn add_user(&mut self, text: Cow<'a, str>) {
        self.transcript.last_user = text;
        self.transcript.tool_results.clear();
        self.transcript.last = LastMessage::User;
        self.calls.retain(|call| call.result == CallResult::Missing);
    }

    pub(super) fn add_answer(&mut self) {
        self.transcript.answers = self.transcript.answers.saturating_add(1);
        self.transcript.last = LastMessage::User;
    }

    pub(super) fn add_call(&mut self, id: Cow<'a, str>, tool: Cow<'a, str>, kind: CallKind) {
        self.calls.push(Call { id, tool, kind, result: CallResult::Missing });
        self.transcript.last = LastMessage::User;
    }

    /// Adds the result of the call `id`; fails if there is no such call, or if it has a result.
    pub(super) fn add_result(&mut self, id: &str, text: Cow<'a, str>, kind: CallKind) -> Result<(), Problem> {
        let call = self.calls.iter_mut().rev().find(|call| call.id == id);
        let tool = match (call, self.gaps) {
            (Some(Call { result: CallResult::Given, .. }), _) => {
                let message = format!("Duplicate tool output found for {} {id}.", kind.name());
                return Err(Problem::invalid(Some("input".to_owned()), message));
            }
            (Some(call), _) => {
                call.result = CallResult::Given;
                Some(call.tool.clone())
            }
            (None, Gaps::Some) => None,
            (None, Gaps::None) => {
                let kind = kind.name();
                let message = format!("No tool call found for {kind} output with call_id {id}.");
                return Err(Problem::invalid(Some("input".to_owned()), message));
            }
        };
        self.transcript.tool_results.push(ToolResult { tool, text });
        self.transcript.last = LastMessage::ToolResult;
        Ok(())
    }

    /// Checks that every call has its result.
    pub(super) fn check_calls(&self) -> Result<(), Problem> {
        let open = self.calls.iter().find(|call| call.result == CallResult::Missing);
        match (open, self.gaps) {
            (Some(call), Gaps::None) => {
                let message = format!("No tool output found for {} {}.", call.kind.name(), call.id);
                Err(Problem::invalid(Some("input".to_owned()), message))
            }
            (Some(_), Gaps::Some) | (None, _) => Ok(()),
        }
    }

    /// Adds the model's answer, without its reasoning.
    /// Its calls of the tools `custom` have free text as input.
    pub(super) fn add_content(
        &mut self,
        key: &str,
        content: &Content,
        custom: &[Arc<str>],
        counter: &TokenCounter,
    ) {
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
                    let is_custom = custom.iter().any(|custom| custom == name);
                    let kind = if is_custom { CallKind::Custom } else { CallKind::Function };
                    let id = Cow::Owned(items::call_id(key, place));
                    self.add_call(id, Cow::Owned(name.to_string()), kind);
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
            calls: self
                .calls
                .into_iter()
                .map(|call| Call { id: owned(call.id), tool: owned(call.tool), ..call })
                .collect(),
            gaps: self.gaps,
            tokens: self.tokens,
        }
    }

    /// Its approximate size in bytes.
    pub(super) fn bytes(&self) -> usize {
        let results = self.transcript.tool_results.iter();
        let results =
            results.map(|result| result.text.len() + result.tool.as_ref().map_or(0, |tool| tool.len()));
        let calls = self.calls.iter().map(|call| call.id.len() + call.tool.len());
        self.transcript.last_user.len() + results.sum::<usize>() + calls.sum::<usize>()
    }
}
