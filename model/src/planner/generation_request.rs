//! What a client asks of a model, whatever API it speaks.

use std::borrow::Cow;

use super::ResponseMode;

/// What a client asks of a model. Borrowed from its request.
#[derive(Clone, Debug, Default, Hash)]
pub struct GenerationRequest<'a> {
    /// Tokens of the whole prompt.
    pub prompt_tokens: u32,
    /// A hash of all that the client said: what is answered depends on it (and the seed) alone.
    pub body: u64,
    /// The limit of tokens of each choice, reasoning included. Natural text has exactly that many.
    pub max_tokens: Option<u32>,
    /// Natural text is not shorter than this.
    pub min_tokens: u32,
    /// Whether the model ends by itself.
    pub eos: Eos,
    /// How many choices there are besides the first.
    pub more_choices: u32,
    /// The answer ends before the first of these.
    pub stop: Vec<Cow<'a, str>>,
    /// What has been said so far.
    pub transcript: Transcript<'a>,
    /// The tools that may be called.
    pub tools: Vec<Tool<'a>>,
    /// Which of them.
    pub tool_choice: ToolChoice<'a>,
    /// How many of them.
    pub tool_calls: ToolCalls,
    /// The form of the answer.
    pub format: Format<'a>,
    /// How much thought comes before it.
    pub reasoning: Reasoning,
    /// What is said, where the profile is not to decide it.
    pub says: Option<ResponseMode>,
}

impl GenerationRequest<'_> {
    /// Whether a model that talks as it likes answers it with words alone that nobody has to look at.
    pub(super) fn is_for_prose(&self) -> bool {
        !self.is_for_calls() && self.stop.is_empty() && self.format == Format::Text
    }

    /// Whether such a model calls a tool.
    pub(super) fn is_for_calls(&self) -> bool {
        let wants = match self.tool_choice {
            ToolChoice::None => false,
            ToolChoice::Auto => self.transcript.last != Last::ToolResult,
            ToolChoice::Required | ToolChoice::Named(_) => true,
        };
        wants && !self.tools.is_empty()
    }
}

/// Whether a model ends its natural text by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Eos {
    /// It does.
    #[default]
    Heeded,
    /// It goes on to the limit, or to the end of the context.
    Ignored,
}

/// What has been said so far, as far as answers depend on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Transcript<'a> {
    /// The text of the last message of the user.
    pub last_user: Cow<'a, str>,
    /// Answers of the model so far.
    pub answers: u32,
    /// What tools have said since the last message of the user.
    pub tool_results: Vec<ToolResult<'a>>,
    /// Whether the last message is such a result.
    pub last: Last,
}

/// Whose the last message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Last {
    /// Of the user, or of anyone else.
    #[default]
    User,
    /// Of a tool.
    ToolResult,
}

/// What a tool has said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ToolResult<'a> {
    /// The tool, where the transcript tells which call it answers.
    pub tool: Option<Cow<'a, str>>,
    /// What it said.
    pub text: Cow<'a, str>,
}

/// A tool that may be called.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tool<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// The JSON Schema of its arguments, where there is one.
    pub parameters: Option<&'a str>,
    /// What its call holds.
    pub input: ToolInput,
}

/// What the call of a tool holds.
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
    /// The model decides: it calls one unless a tool has just answered.
    #[default]
    Auto,
    /// None of them.
    None,
    /// At least one.
    Required,
    /// This one.
    Named(Cow<'a, str>),
}

/// How many tools are called in one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ToolCalls {
    /// As many as the model likes.
    #[default]
    Several,
    /// One.
    One,
}

/// The form of an answer's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format<'a> {
    /// Prose.
    #[default]
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON that satisfies this JSON Schema.
    Schema(&'a str),
}

/// How much a model thinks before it answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reasoning {
    /// Not at all.
    #[default]
    None,
    /// For so many tokens, and for no more than half of what the whole answer may have.
    Tokens(u32),
}
