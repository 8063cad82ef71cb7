//! Scripts: rules by which a model answers.

mod check;
mod raw;
mod response_mode;

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
    time::Duration,
};

pub(crate) use check::{RuleError, check};
pub(crate) use raw::{RawDelay, RawScript};
pub use response_mode::ResponseMode;
pub(crate) use response_mode::unknown_script;

use crate::transcript::{ToolResult, Transcript};

/// Rules by which a model answers. Scripts are compared by their names.
#[derive(Debug)]
pub struct Script {
    name: Arc<str>,
    rules: Vec<Rule>,
    otherwise: Fallback,
}

/// The response mode if no rule matches.
#[derive(Clone, Debug)]
pub(crate) enum Fallback {
    Natural,
    Echo,
    Fixed(Arc<str>),
}

/// One rule: a condition and an action.
#[derive(Debug)]
pub(crate) struct Rule {
    when: Condition,
    pub(crate) action: Action,
    /// Additional delay before the first token.
    pub(crate) delay: Duration,
}

/// A condition; all of its parts must match.
#[derive(Debug, Default)]
struct Condition {
    user: Option<String>,
    user_regex: Option<regex::Regex>,
    /// A name with `*` for any characters.
    model: Option<String>,
    turn: Option<u32>,
    tool: Option<String>,
    tool_result: Option<String>,
    tool_result_regex: Option<regex::Regex>,
}

/// The action of a rule.
#[derive(Debug)]
pub(crate) enum Action {
    /// One of the texts, and then tool calls.
    Say {
        texts: Vec<String>,
        calls: Vec<ScriptedCall>,
    },
    Refuse(String),
    Fail(Arc<ScriptedError>),
}

/// A tool call.
#[derive(Debug)]
pub(crate) struct ScriptedCall {
    pub(crate) tool: Arc<str>,
    /// The arguments; `None`: arguments that satisfy its schema.
    pub(crate) arguments: Option<String>,
}

/// An error of a script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScriptedError {
    /// The status of the answer, from 400 to 599.
    pub status: u16,
    /// The provider's type of the error; `None`: the usual one for the status.
    pub kind: Option<String>,
    /// The provider's code of the error; `None`: the usual one.
    pub code: Option<String>,
    /// The message.
    pub message: String,
    /// The delay for `Retry-After`.
    pub retry_after: Option<Duration>,
    /// The delay before the error is sent (before the time scale).
    pub delay: Duration,
}

impl Script {
    /// The name of the script.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the first rule that matches a request to `model` with this conversation.
    pub(crate) fn rule(&self, model: &str, transcript: &Transcript<'_>) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.when.matches(model, transcript))
    }

    pub(crate) const fn otherwise(&self) -> &Fallback {
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

impl Condition {
    fn matches(&self, model: &str, transcript: &Transcript<'_>) -> bool {
        let user = &*transcript.last_user;
        let answered = transcript.tool_results.last();
        let text_of = |result: &ToolResult<'_>, test: &dyn Fn(&str) -> bool| test(&result.text);
        let of_result = |test: &dyn Fn(&str) -> bool| answered.is_some_and(|result| text_of(result, test));
        self.user.as_ref().is_none_or(|part| user.contains(part))
            && self.user_regex.as_ref().is_none_or(|regex| regex.is_match(user))
            && self.model.as_ref().is_none_or(|pattern| weir_pace::matches_wildcard(pattern, model))
            && self.turn.is_none_or(|turn| turn == transcript.answers)
            && self
                .tool
                .as_ref()
                .is_none_or(|name| answered.is_some_and(|result| result.tool.as_deref() == Some(name)))
            && self.tool_result.as_ref().is_none_or(|part| of_result(&|text| text.contains(part)))
            && self.tool_result_regex.as_ref().is_none_or(|regex| of_result(&|text| regex.is_match(text)))
    }
}

#[cfg(test)]
mod tests;
