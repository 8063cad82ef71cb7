//! Turns of conversations.

/// The requests and tool calls of a turn.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TurnRecord {
    pub(crate) requests: u32,
    pub(crate) tool_calls: u64,
    /// Of these, calls of tools that the task does not have.
    pub(crate) unknown_tools: u64,
    /// The turn ended at its limit of requests, while the model still called tools.
    pub(crate) is_cut: bool,
}
