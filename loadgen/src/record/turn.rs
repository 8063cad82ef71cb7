//! Turns of conversations.

use std::time::Duration;

use weir_results::Histogram;

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

/// The turns so far.
#[derive(Clone, Debug, Default)]
pub(super) struct TurnCounts {
    pub(super) turns: u64,
    pub(super) requests: u64,
    pub(super) cut: u64,
    pub(super) tool_calls: u64,
    pub(super) unknown_tools: u64,
    pub(super) time: Histogram,
}

impl TurnCounts {
    pub(super) fn record(&mut self, took: Duration, turn: &TurnRecord) {
        self.turns += 1;
        self.requests += u64::from(turn.requests);
        self.cut += u64::from(turn.is_cut);
        self.tool_calls += turn.tool_calls;
        self.unknown_tools += turn.unknown_tools;
        self.time.record(took);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        // Without `..`, so that the compiler reports a new field that is not merged.
        let Self { turns, requests, cut, tool_calls, unknown_tools, time } = other;
        self.turns += turns;
        self.requests += requests;
        self.cut += cut;
        self.tool_calls += tool_calls;
        self.unknown_tools += unknown_tools;
        self.time.merge(time);
    }
}
