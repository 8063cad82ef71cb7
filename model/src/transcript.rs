//! The conversation before an answer.

use std::borrow::Cow;

/// The conversation so far, as far as answers depend on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Transcript<'a> {
    /// The text of the last message of the user.
    pub last_user: Cow<'a, str>,
    /// The number of the model's answers so far.
    pub answers: u32,
    /// Tool results since the last message of the user.
    pub tool_results: Vec<ToolResult<'a>>,
    /// Whether the last message is such a result.
    pub last: LastMessage,
}

/// The author of the last message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LastMessage {
    /// The user, or anyone else but a tool.
    #[default]
    User,
    /// A tool.
    ToolResult,
}

/// The result of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ToolResult<'a> {
    /// The tool, if the transcript contains the call.
    pub tool: Option<Cow<'a, str>>,
    /// The text of the result.
    pub text: Cow<'a, str>,
}
