//! The messages of a request: their tokens and the transcript.

use std::{borrow::Cow, collections::HashMap};

use weir_model::{LastMessage, TokenCounter, ToolResult, Transcript};

use super::{
    content::MessagePath,
    message::{RawMessage, Role},
};
use crate::request::{
    Problem,
    json::{Object, Str},
};

/// Tokens that OpenAI's chat format adds to the whole (their cookbook's figure for gpt-4o).
const TOKENS_OF_REPLY_PRIMING: u32 = 3;

/// A conversation, checked.
#[derive(Debug)]
pub(super) struct Conversation<'a> {
    pub(super) transcript: Transcript<'a>,
    /// Its tokens.
    pub(super) tokens: u32,
    /// Of these, audio tokens.
    pub(super) audio_tokens: u32,
}

/// The calls of the last answer, by their ids: the tool's name, and whether it has a result.
type Calls<'a> = HashMap<Cow<'a, str>, (Cow<'a, str>, CallState)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CallState {
    Yes,
    No,
}

impl<'a> Conversation<'a> {
    pub(super) fn read(
        messages: Vec<Object<RawMessage<'a>>>,
        counter: &TokenCounter,
    ) -> Result<Self, Problem> {
        let mut conversation =
            Self { transcript: Transcript::default(), tokens: TOKENS_OF_REPLY_PRIMING, audio_tokens: 0 };
        let mut calls = Calls::new();
        for (index, Object(message)) in messages.into_iter().enumerate() {
            conversation.add(index, message, &mut calls, counter)?;
        }
        all_answered(&calls)?;
        Ok(conversation)
    }

    fn add(
        &mut self,
        index: usize,
        message: RawMessage<'a>,
        calls: &mut Calls<'a>,
        counter: &TokenCounter,
    ) -> Result<(), Problem> {
        let path = MessagePath(index);
        let role = message.role(path)?;
        message.check(role, path)?;
        let cost = message.cost(path, counter)?;
        self.tokens = self.tokens.saturating_add(cost.tokens);
        self.audio_tokens = self.audio_tokens.saturating_add(cost.audio);
        if role != Role::Tool {
            all_answered(calls)?;
            calls.clear();
        }
        match role {
            Role::System => self.transcript.last = LastMessage::User,
            Role::User => {
                self.transcript.last = LastMessage::User;
                self.transcript.tool_results.clear();
                self.transcript.last_user = message.content.into_text();
            }
            Role::Assistant => {
                self.transcript.last = LastMessage::User;
                self.transcript.answers = self.transcript.answers.saturating_add(1);
                self.add_calls(&message, path, calls, counter)?;
            }
            Role::Tool => {
                let tool = answer(calls, message.tool_call_id.as_ref(), path)?;
                self.add_result(Some(tool), message.content.into_text());
            }
            Role::Function => {
                self.add_result(message.name.map(|Str(name)| name), message.content.into_text());
            }
        }
        Ok(())
    }

    fn add_calls(
        &mut self,
        message: &RawMessage<'a>,
        path: MessagePath,
        calls: &mut Calls<'a>,
        counter: &TokenCounter,
    ) -> Result<(), Problem> {
        let Some(made) = &message.tool_calls else { return Ok(()) };
        for (index, call) in made.0.iter().enumerate() {
            let (Str(name), tokens) = call.read(|| format!("{path}.tool_calls[{index}]"), counter)?;
            self.tokens = self.tokens.saturating_add(tokens);
            calls.insert(call.id.0.clone(), (name, CallState::No));
        }
        Ok(())
    }

    fn add_result(&mut self, tool: Option<Cow<'a, str>>, text: Cow<'a, str>) {
        self.transcript.last = LastMessage::ToolResult;
        self.transcript.tool_results.push(ToolResult { tool, text });
    }
}

/// The tool whose call the message at `path` answers.
fn answer<'a>(
    calls: &mut Calls<'a>,
    id: Option<&Str<'a>>,
    path: MessagePath,
) -> Result<Cow<'a, str>, Problem> {
    if calls.is_empty() {
        let message = "Invalid parameter: messages with role 'tool' must be a response to a preceding message with \
                       'tool_calls'.";
        return Err(Problem::invalid(Some(format!("{path}.role")), message.to_owned()));
    }
    let id = id.map_or("", |id| &**id);
    let Some((tool, answered)) = calls.get_mut(id) else {
        let message = format!(
            "Invalid parameter: 'tool_call_id' of '{id}' not found in 'tool_calls' of previous message."
        );
        return Err(Problem::invalid(Some(format!("{path}.tool_call_id")), message));
    };
    if *answered == CallState::Yes {
        let message = format!("Duplicate value for 'tool_call_id' of '{id}' in message[{}].", path.0);
        return Err(Problem::invalid(Some(format!("{path}.tool_call_id")), message));
    }
    *answered = CallState::Yes;
    Ok(tool.clone())
}

/// Checks that every call has a result before the next message.
fn all_answered(calls: &Calls<'_>) -> Result<(), Problem> {
    let open = calls.iter().find(|(_, (_, answered))| *answered == CallState::No);
    let Some((id, _)) = open else { return Ok(()) };
    let message = format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each \
         'tool_call_id'. There is no response to: {id}"
    );
    Err(Problem::invalid(Some("messages".to_owned()), message))
}
