//! The conversation so far, as far as answers depend on it.

use std::{borrow::Cow, collections::HashMap};

use weir_model::{LastMessage, ToolResult, Transcript};

use super::{
    block::Block,
    raw::Role,
    turns::{Message, text},
};

/// The transcript of a conversation.
pub(super) fn transcript<'a>(messages: &'a [Message<'_>]) -> Transcript<'a> {
    let is_text = |message: &Message<'_>| {
        message.role == Role::User
            && message.parts.iter().any(|part| matches!(part.block, Block::Text(_) | Block::Other(_)))
    };
    // The user's text in a message with results comes after them.
    let last_user = messages.iter().rposition(is_text).unwrap_or(0);
    let recent = messages.get(last_user..).unwrap_or_default();
    Transcript {
        last_user: messages.get(last_user).and_then(text).unwrap_or_default(),
        answers: answers(messages),
        tool_results: tool_results(messages, recent),
        last: last(messages),
    }
}

/// Turns of the assistant: messages of one role in a row are one.
fn answers(messages: &[Message<'_>]) -> u32 {
    let mut roles: Vec<Role> =
        messages.iter().map(|message| message.role).filter(|role| *role != Role::System).collect();
    roles.dedup();
    roles.into_iter().filter(|role| *role == Role::Assistant).count() as u32
}

fn tool_results<'a>(messages: &'a [Message<'_>], recent: &'a [Message<'_>]) -> Vec<ToolResult<'a>> {
    let results: Vec<(&str, &[Cow<'_, str>])> = recent
        .iter()
        .flat_map(|message| &message.parts)
        .filter_map(|part| match &part.block {
            Block::ToolResult { id, texts } => Some((&**id, &**texts)),
            Block::Text(_) | Block::ToolUse { .. } | Block::Thought | Block::Other(_) => None,
        })
        .collect();
    if results.is_empty() {
        return Vec::new();
    }
    let calls = messages.iter().flat_map(|message| &message.parts);
    let names: HashMap<&str, &str> = calls
        .filter_map(|part| match &part.block {
            Block::ToolUse { id, name, .. } => Some((&**id, &**name)),
            Block::Text(_) | Block::ToolResult { .. } | Block::Thought | Block::Other(_) => None,
        })
        .collect();
    let result = |(id, texts): (&str, &'a [Cow<'_, str>])| ToolResult {
        tool: names.get(id).copied().map(Cow::Borrowed),
        text: match texts {
            [only] => Cow::Borrowed(&**only),
            several => Cow::Owned(several.join("\n")),
        },
    };
    results.into_iter().map(result).collect()
}

/// A turn with results is a tool's, even if it has text of the user.
fn last(messages: &[Message<'_>]) -> LastMessage {
    let turn = messages.iter().rev().take_while(|message| message.role != Role::Assistant);
    let has_result =
        turn.flat_map(|message| &message.parts).any(|part| matches!(part.block, Block::ToolResult { .. }));
    if has_result { LastMessage::ToolResult } else { LastMessage::User }
}
