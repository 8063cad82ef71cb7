//! A request to a model, independent of the API.

use std::borrow::Cow;

use crate::{
    profile::Effort,
    script::ResponseMode,
    transcript::{LastMessage, Transcript},
};

/// A larger limit requests no length: clients that must send a limit, as Anthropic's, or always do, send the largest one
/// of their model.
const REQUESTED_LENGTH_MAX: u32 = 4_096;

/// A request to a model. It borrows from the client's request.
#[derive(Clone, Debug, Default, Hash)]
pub struct GenerationRequest<'a> {
    /// Tokens of the whole prompt.
    pub prompt_tokens: u32,
    /// A hash of the request body: the answer depends only on it and the seed.
    pub body: u64,
    /// The token limit of each choice, reasoning included. Natural text has exactly that many tokens, if
    /// they are at most 4 096.
    pub max_tokens: Option<u32>,
    /// The minimum length of natural text, in tokens.
    pub min_tokens: u32,
    /// Whether the model ends by itself.
    pub eos: Eos,
    /// The number of choices besides the first.
    pub more_choices: u32,
    /// The answer ends before the first of these.
    pub stop: Vec<Cow<'a, str>>,
    /// The conversation so far.
    pub transcript: Transcript<'a>,
    /// The tools that may be called.
    pub tools: Vec<Tool<'a>>,
    /// Which tools are called.
    pub tool_choice: ToolChoice<'a>,
    /// How many tools are called.
    pub tool_calls: ToolCalls,
    /// The form of the answer.
    pub format: Format<'a>,
    /// The reasoning before the answer of a model whose profile has no figures for it.
    pub reasoning: Reasoning,
    /// The effort of a model whose profile has figures; without one, the profile's default.
    pub effort: Option<Effort>,
    /// The response mode, if it overrides the profile's.
    pub mode: Option<ResponseMode>,
}

impl GenerationRequest<'_> {
    /// Whether natural text ends by itself, rather than at the limit.
    pub fn has_natural_length(&self) -> bool {
        self.eos == Eos::Heeded && self.max_tokens.is_none_or(|limit| limit > REQUESTED_LENGTH_MAX)
    }

    /// Whether the answer in natural mode is prose without tool calls, format or stop sequences.
    pub(super) fn is_for_prose(&self) -> bool {
        !self.is_for_calls() && self.stop.is_empty() && self.format == Format::Text
    }

    /// Whether the answer in natural mode calls a tool.
    pub(super) fn is_for_calls(&self) -> bool {
        let is_called = match self.tool_choice {
            ToolChoice::None => false,
            ToolChoice::Auto => self.transcript.last != LastMessage::ToolResult,
            ToolChoice::Required | ToolChoice::Named(_) => true,
        };
        is_called && !self.tools.is_empty()
    }
}

/// Whether a model ends its natural text by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Eos {
    /// The model decides.
    #[default]
    Heeded,
    /// The text ends at the limit, or at the end of the context.
    Ignored,
}

/// A tool that may be called.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tool<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// The JSON Schema of its arguments, if there is one.
    pub parameters: Option<&'a str>,
    /// The kind of its input.
    pub input: ToolInput,
}

/// The kind of input of a tool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ToolInput {
    /// Arguments in JSON.
    #[default]
    Json,
    /// A text.
    Text,
}

/// Which tools are called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum ToolChoice<'a> {
    /// The model decides: it calls one unless the last message is a tool result.
    #[default]
    Auto,
    /// No tool.
    None,
    /// At least one tool.
    Required,
    /// This tool.
    Named(Cow<'a, str>),
}

/// How many tools are called in one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ToolCalls {
    /// The model decides.
    #[default]
    Several,
    /// One.
    One,
}

/// The format of an answer's text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format<'a> {
    /// Prose.
    #[default]
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON that satisfies this JSON Schema.
    Schema(Cow<'a, str>),
    /// A text that, as a string of JSON, satisfies this JSON Schema.
    StringOf(Cow<'a, str>),
}

/// The amount of reasoning before the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reasoning {
    /// No reasoning.
    #[default]
    None,
    /// This number of tokens, but at most the limit of the whole answer, which then has nothing else.
    Tokens(u32),
}
