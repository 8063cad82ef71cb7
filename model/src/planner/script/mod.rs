//! What a model says by rules.

mod check;
mod raw;

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
    time::Duration,
};

pub(crate) use check::{BadRule, check};
pub(crate) use raw::RawScript;

use super::{GenerationRequest, generation_request::ToolResult};

/// Rules by which a model answers. Two of one name are the same.
#[derive(Debug)]
pub struct Script {
    name: Arc<str>,
    rules: Vec<Rule>,
    otherwise: Otherwise,
}

/// What is said where no rule holds.
#[derive(Clone, Debug)]
pub(super) enum Otherwise {
    Natural,
    Echo,
    Fixed(Arc<str>),
}

/// One rule: when it holds, and what comes of it.
#[derive(Debug)]
pub(super) struct Rule {
    when: When,
    pub(super) act: Act,
    /// How much longer the model takes to begin.
    pub(super) delay: Duration,
}

/// All of these hold.
#[derive(Debug, Default)]
struct When {
    user: Option<String>,
    user_regex: Option<regex::Regex>,
    /// A name with `*` for any characters.
    model: Option<String>,
    turn: Option<u32>,
    tool: Option<String>,
    tool_result: Option<String>,
    tool_result_regex: Option<regex::Regex>,
}

/// What comes of a rule.
#[derive(Debug)]
pub(super) enum Act {
    /// One of the texts, and then calls of tools.
    Say {
        texts: Vec<String>,
        calls: Vec<ScriptedCall>,
    },
    Refuse(String),
    Fail(Arc<ScriptedError>),
}

/// The call of a tool.
#[derive(Debug)]
pub(super) struct ScriptedCall {
    pub(super) tool: Arc<str>,
    /// What it is called with; `None`: something that its schema allows.
    pub(super) arguments: Option<String>,
}

/// An error that a script wants.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScriptedError {
    /// The status of the answer, from 400 to 599.
    pub status: u16,
    /// What the provider calls errors of this kind; `None`: what it calls most of this status.
    pub kind: Option<String>,
    /// The provider's code for it; `None`: its usual one.
    pub code: Option<String>,
    /// What is said about it.
    pub message: String,
    /// When to come back.
    pub retry_after: Option<Duration>,
    /// How long it takes until it is told (before the time scale).
    pub delay: Duration,
}

impl Script {
    /// By which it is named.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first rule that holds for what the model `model` is asked.
    pub(super) fn rule(&self, model: &str, ask: &GenerationRequest<'_>) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.when.holds(model, ask))
    }

    pub(super) const fn otherwise(&self) -> &Otherwise {
        &self.otherwise
    }
}

impl PartialEq for Script {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Script {}

impl Hash for Script {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl When {
    fn holds(&self, model: &str, ask: &GenerationRequest<'_>) -> bool {
        let said = &*ask.transcript.last_user;
        let answered = ask.transcript.tool_results.last();
        let text_of = |result: &ToolResult<'_>, test: &dyn Fn(&str) -> bool| test(&result.text);
        let of_result = |test: &dyn Fn(&str) -> bool| answered.is_some_and(|result| text_of(result, test));
        self.user.as_ref().is_none_or(|part| said.contains(part))
            && self.user_regex.as_ref().is_none_or(|regex| regex.is_match(said))
            && self.model.as_ref().is_none_or(|pattern| is_like(model, pattern))
            && self.turn.is_none_or(|turn| turn == ask.transcript.answers)
            && self
                .tool
                .as_ref()
                .is_none_or(|name| answered.is_some_and(|result| result.tool.as_deref() == Some(name)))
            && self.tool_result.as_ref().is_none_or(|part| of_result(&|text| text.contains(part)))
            && self.tool_result_regex.as_ref().is_none_or(|regex| of_result(&|text| regex.is_match(text)))
    }
}

/// Whether `name` is what `pattern` says, in which `*` stands for any characters.
fn is_like(name: &str, pattern: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return name == pattern };
    let Some(mut rest) = name.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = tail.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests;
