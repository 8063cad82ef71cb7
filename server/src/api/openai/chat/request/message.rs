//! One message of a conversation.

use std::borrow::Cow;

use serde::Deserialize;
use weir_model::TokenCounter;

use super::{
    call::{RawCall, RawCalled},
    content::{Content, Cost, MessagePath},
    tools::TOOLS_MAX,
};
use crate::{
    api::openai::bounds::not_empty,
    request::{
        Problem,
        json::{self, AnyFields, List, Object, Str},
    },
};

/// Tokens that OpenAI's chat format adds to each message, and for a name (their cookbook's figures for gpt-4o); a role is
/// one.
const TOKENS_PER_MESSAGE: u32 = 3;
const TOKENS_PER_NAME: u32 = 1;
const TOKENS_PER_ROLE: u32 = 1;

const ROLES: [&str; 6] = ["system", "developer", "user", "assistant", "tool", "function"];

/// Maximum messages of one request.
const MESSAGES_MAX: usize = 16_384;

/// The messages of a request.
pub(in crate::api) type RawMessages<'a> = List<Object<RawMessage<'a>>, MESSAGES_MAX>;

/// One of them.
#[derive(Debug, Deserialize)]
pub(in crate::api) struct RawMessage<'a> {
    #[serde(borrow)]
    role: Str<'a>,
    #[serde(borrow)]
    pub(super) name: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub(super) content: Content<'a>,
    #[serde(borrow)]
    refusal: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<List<Object<RawCall<'a>>, TOOLS_MAX>>,
    #[serde(borrow)]
    function_call: Option<Object<RawCalled<'a>>>,
    #[serde(borrow)]
    pub(super) tool_call_id: Option<Str<'a>>,
    audio: Option<Object<AnyFields>>,
}

/// The content of a message.
#[derive(Debug)]
pub(in crate::api) struct Spoken<'a> {
    pub(in crate::api) role: Cow<'a, str>,
    pub(in crate::api) text: Cow<'a, str>,
}

/// The role of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    System,
    User,
    Assistant,
    Tool,
    Function,
}

/// Returns the roles and contents of these messages, each checked separately.
pub(in crate::api) fn spoken<'a>(
    List(messages): RawMessages<'a>,
    counter: &TokenCounter,
) -> Result<Vec<Spoken<'a>>, Problem> {
    not_empty("messages", &messages)?;
    let spoken = messages.into_iter().enumerate().map(|(index, Object(message))| {
        let path = MessagePath(index);
        message.check(message.role(path)?, path)?;
        message.content.cost(path, counter)?;
        Ok(Spoken { role: message.role.0, text: message.content.into_text() })
    });
    spoken.collect()
}

impl RawMessage<'_> {
    /// Its role.
    pub(super) fn role(&self, path: MessagePath) -> Result<Role, Problem> {
        match &*self.role {
            "system" | "developer" => Ok(Role::System),
            "user" => Ok(Role::User),
            "assistant" => Ok(Role::Assistant),
            "tool" => Ok(Role::Tool),
            "function" => Ok(Role::Function),
            other => Err(json::unsupported(&format!("{path}.role"), other, &ROLES)),
        }
    }

    /// Checks the required fields of a message with that role.
    pub(super) fn check(&self, role: Role, path: MessagePath) -> Result<(), Problem> {
        let needed = |field: &str| Err(json::missing(&format!("{path}.{field}")));
        let calls = self.tool_calls.as_ref().is_some_and(|calls| !calls.0.is_empty());
        let says_nothing = matches!(self.content, Content::Missing);
        match role {
            Role::Assistant if calls || self.function_call.is_some() => Ok(()),
            Role::Assistant if self.refusal.is_some() || self.audio.is_some() => Ok(()),
            Role::Tool if self.tool_call_id.is_none() => needed("tool_call_id"),
            Role::Function if self.name.is_none() => needed("name"),
            Role::Function => Ok(()),
            Role::System | Role::User | Role::Assistant | Role::Tool if says_nothing => needed("content"),
            Role::System | Role::User | Role::Assistant | Role::Tool => Ok(()),
        }
    }

    /// Its tokens, without tool calls.
    pub(super) fn cost(&self, path: MessagePath, counter: &TokenCounter) -> Result<Cost, Problem> {
        let name = self.name.as_ref().map_or(0, |name| counter.count(name) + TOKENS_PER_NAME);
        let refusal = self.refusal.as_ref().map_or(0, |refusal| counter.count(refusal));
        let call = self.function_call.as_ref().map_or(0, |call| call.tokens(counter));
        let Cost { tokens, audio } = self.content.cost(path, counter)?;
        let others = TOKENS_PER_MESSAGE + TOKENS_PER_ROLE + name;
        Ok(Cost { tokens: tokens.saturating_add(others + refusal + call), audio })
    }
}
