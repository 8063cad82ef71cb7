//! The messages of a conversation: checks their order, and that every tool call has a result.

use std::{borrow::Cow, collections::HashMap};

use super::{
    block::{Block, Part, part},
    block_path::{BlockParent, BlockPath},
    raw::{RawContent, RawMessage, Role},
};
use crate::{
    api::anthropic::body::wrong,
    request::{Problem, json::Object},
};

/// The provider's own limit.
const MESSAGES_MAX: usize = 100_000;

/// A message, checked.
#[derive(Debug)]
pub(super) struct Message<'a> {
    pub(super) role: Role,
    pub(super) parts: Vec<Part<'a>>,
}

/// Checks the messages.
pub(super) fn messages(raw: Vec<Object<RawMessage<'_>>>) -> Result<Vec<Message<'_>>, Problem> {
    if raw.is_empty() {
        return Err(wrong("messages", "at least one message is required"));
    }
    if raw.len() > MESSAGES_MAX {
        return Err(wrong("messages", &format!("List should have at most {MESSAGES_MAX} items")));
    }
    let first = raw.iter().find(|message| message.role != Role::System);
    if first.is_none_or(|message| message.role == Role::Assistant) {
        return Err(wrong("messages", "first message must use the \"user\" role"));
    }
    let last = raw.len() - 1;
    let checked = raw.into_iter().enumerate().map(|(index, Object(raw))| message(index, raw, index == last));
    let messages = checked.collect::<Result<Vec<_>, Problem>>()?;
    pair_calls(&messages)?;
    Ok(messages)
}

/// The parts of the content of `of`.
pub(super) fn parts(of: BlockParent, content: RawContent<'_>) -> Result<Vec<Part<'_>>, Problem> {
    match content {
        RawContent::Text(text) => Ok(vec![Part { block: Block::Text(text), cache: None }]),
        RawContent::Blocks(blocks) => {
            let parts = blocks.into_iter().enumerate();
            parts.map(|(block, raw)| part(raw, BlockPath { of, block, inner: None })).collect()
        }
    }
}

fn message(index: usize, raw: RawMessage<'_>, is_last: bool) -> Result<Message<'_>, Problem> {
    let role = raw.role;
    let parts = parts(BlockParent::Message(index), raw.content)?;
    let is_empty = |part: &Part<'_>| matches!(&part.block, Block::Text(text) if text.is_empty());
    let is_blank = |part: &Part<'_>| matches!(&part.block, Block::Text(text) if text.trim().is_empty());
    let may_be_empty = is_last && role == Role::Assistant;
    if !may_be_empty && (parts.is_empty() || matches!(&*parts, [only] if is_empty(only))) {
        return Err(wrong(
            &format!("messages.{index}"),
            "all messages must have non-empty content except for the optional final assistant message",
        ));
    }
    if !may_be_empty && parts.iter().any(is_empty) {
        return Err(wrong("messages", "text content blocks must be non-empty"));
    }
    if parts.iter().any(|part| is_blank(part) && !is_empty(part)) {
        return Err(wrong("messages", "text content blocks must contain non-whitespace text"));
    }
    let ends_in_space =
        |part: &Part<'_>| matches!(&part.block, Block::Text(text) if text.ends_with(char::is_whitespace));
    if may_be_empty && parts.last().is_some_and(ends_in_space) {
        return Err(wrong("messages", "final assistant content cannot end with trailing whitespace"));
    }
    for (block, part) in parts.iter().enumerate() {
        let (allowed, names): (&[Role], _) = match &part.block {
            Block::Text(_) => continue,
            Block::Other(_) => (&[Role::User, Role::Assistant], "user` and `assistant"),
            Block::ToolUse { .. } | Block::Thought => (&[Role::Assistant], "assistant"),
            Block::ToolResult { .. } => (&[Role::User], "user"),
        };
        if !allowed.contains(&role) {
            let message = format!("blocks of this type can only be in `{names}` messages");
            return Err(BlockPath { of: BlockParent::Message(index), block, inner: None }.wrong(&message));
        }
    }
    Ok(Message { role, parts })
}

/// Tool calls that need results, and which of them have one.
struct Calls<'a> {
    /// The message with the calls.
    message: usize,
    ids: Vec<&'a str>,
    answered: HashMap<&'a str, bool>,
}

impl<'a> Calls<'a> {
    fn add(&mut self, id: &'a str) -> Result<(), Problem> {
        if self.answered.insert(id, false).is_some() {
            return Err(wrong("messages", "`tool_use` ids must be unique"));
        }
        self.ids.push(id);
        Ok(())
    }

    fn answer(&mut self, id: &str, at: BlockPath) -> Result<(), Problem> {
        match self.answered.get_mut(id) {
            Some(true) => Err(at.wrong(&format!(
                "each tool_use must have a single result. Found multiple `tool_result` blocks with id: {id}"
            ))),
            Some(answered) => {
                *answered = true;
                Ok(())
            }
            None => Err(at.wrong(&format!(
                "unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each `tool_result` block must have \
                 a corresponding `tool_use` block in the previous message."
            ))),
        }
    }

    fn end(&mut self) -> Result<(), Problem> {
        let open = self.ids.iter().filter(|id| self.answered.get(**id) != Some(&true));
        let open: Vec<&str> = open.copied().collect();
        if open.is_empty() {
            self.ids.clear();
            self.answered.clear();
            return Ok(());
        }
        Err(wrong(
            &format!("messages.{}", self.message),
            &format!(
                "`tool_use` ids were found without `tool_result` blocks immediately after: {}. Each `tool_use` block \
                 must have a corresponding `tool_result` block in the next message.",
                open.join(", ")
            ),
        ))
    }
}

/// Checks that each call has its result in the next turn. Consecutive messages of one role are one turn.
fn pair_calls(messages: &[Message<'_>]) -> Result<(), Problem> {
    let mut calls = Calls { message: 0, ids: Vec::new(), answered: HashMap::new() };
    let mut speaker = Role::User;
    for (index, message) in messages.iter().enumerate() {
        if message.role == Role::Assistant && speaker == Role::User {
            calls.end()?;
        }
        if message.role != Role::System {
            speaker = message.role;
        }
        for (block, part) in message.parts.iter().enumerate() {
            match &part.block {
                Block::ToolUse { id, .. } => {
                    calls.message = index;
                    calls.add(id)?;
                }
                Block::ToolResult { id, .. } => {
                    calls.answer(id, BlockPath { of: BlockParent::Message(index), block, inner: None })?;
                }
                Block::Text(_) | Block::Thought | Block::Other(_) => {}
            }
        }
    }
    calls.end()
}

/// Checks that an answer whose tool calls are answered by the last turn begins with its reasoning.
pub(super) fn check_thought(messages: &[Message<'_>]) -> Result<(), Problem> {
    let has_result = |message: &Message<'_>| {
        message.parts.iter().any(|part| matches!(part.block, Block::ToolResult { .. }))
    };
    let Some(last) = messages.iter().rposition(|message| message.role == Role::Assistant) else {
        return Ok(());
    };
    let (before, after) = messages.split_at(last + 1);
    if !after.iter().any(has_result) {
        return Ok(());
    }
    let first = before.iter().rposition(|message| message.role == Role::User).map_or(0, |user| user + 1);
    let mut answer = before.iter().enumerate().skip(first).filter(|(_, message)| !message.parts.is_empty());
    let Some((index, part)) = answer.find_map(|(index, message)| Some((index, message.parts.first()?)))
    else {
        return Ok(());
    };
    let found = match &part.block {
        Block::Thought => return Ok(()),
        Block::Text(_) => "text",
        Block::ToolUse { .. } => "tool_use",
        Block::ToolResult { .. } => "tool_result",
        Block::Other(_) => return Ok(()),
    };
    let message = format!(
        "Expected `thinking` or `redacted_thinking`, but found `{found}`. When `thinking` is enabled, a final \
         `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and \
         `tool_result` blocks). We recommend you include thinking blocks from previous turns. To avoid this \
         requirement, disable `thinking`."
    );
    Err(BlockPath { of: BlockParent::Message(index), block: 0, inner: None }.wrong_field("type", &message))
}

/// The text of a message, without other parts.
pub(super) fn text<'a>(message: &'a Message<'_>) -> Option<Cow<'a, str>> {
    let mut texts = message.parts.iter().filter_map(|part| match &part.block {
        Block::Text(text) => Some(&**text),
        Block::ToolUse { .. } | Block::ToolResult { .. } | Block::Thought | Block::Other(_) => None,
    });
    let first = texts.next()?;
    let mut joined = Cow::Borrowed(first);
    for text in texts {
        joined.to_mut().push('\n');
        joined.to_mut().push_str(text);
    }
    Some(joined)
}
