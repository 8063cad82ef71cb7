//! What the tools of an agent answer.

use std::collections::BTreeMap;

use super::reply::{ToolCall, ToolResult};

/// The tools of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tools {
    /// By name.
    pub(crate) answers: BTreeMap<String, String>,
    /// The most requests of one turn.
    pub(crate) loops_max: u32,
}

/// The answer to a call of a tool that the task does not have.
const UNKNOWN: &str = "error: unknown tool";

/// Returns the answers to these calls; without tools, all of them are unknown.
pub(super) fn answer<'a>(tools: Option<&'a Tools>, calls: &'a [ToolCall]) -> Vec<ToolResult<'a>> {
    let of_call = |call: &'a ToolCall| {
        let output = tools.and_then(|tools| tools.answers.get(&call.name));
        ToolResult { call, output: output.map_or(UNKNOWN, String::as_str), is_error: output.is_none() }
    };
    calls.iter().map(of_call).collect()
}
