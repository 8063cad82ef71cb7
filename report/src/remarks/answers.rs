//! Remarks on answers, attempts and turns.

use weir_results::{Figures, units};

use super::{Level, Remarks};
use crate::verdict;

/// Adds the remarks on the answers of a run.
pub(super) fn of_answers(remarks: &mut Remarks, all: &Figures) {
    if let Some(share) = all.cached_share() {
        let share = units::percent(share);
        remarks.add(
            Level::Note,
            format!("a prompt cache served this run: {share} of the input tokens came from it"),
        );
    }
    of_attempts(remarks, all);
    of_turns(remarks, all);
    let of_completed = |part: u64| {
        let share = units::percent(part as f64 / all.completed.max(1) as f64);
        format!("{} of {} completed answers ({share})", units::count(part), units::count(all.completed))
    };
    let remarked = [
        (Level::Warning, all.empty, "were empty: they had no content, reasoning or tool call"),
        (Level::Note, all.unmarked, "were streams that ended without their end mark"),
        (
            Level::Note,
            all.bodies_cut,
            "were streams whose body went on after the end mark, so that the connection was closed",
        ),
        (
            Level::Note,
            all.odd_usage,
            "had token counts that are not whole numbers: what could not be read was left out, and events were counted",
        ),
    ];
    for (level, part, what) in remarked {
        if part > 0 {
            remarks.add(level, format!("{} {what}", of_completed(part)));
        }
    }
}

/// Requests that were sent more than once.
fn of_attempts(remarks: &mut Remarks, all: &Figures) {
    let of_all = |part: u64| {
        let share = units::percent(all.share(part).unwrap_or_default());
        format!("{} of {} requests ({share})", units::count(part), units::count(all.ended()))
    };
    if all.resends > 0 {
        let why = "were sent again, because their reused connection was closed as they were sent";
        remarks.add(Level::Note, format!("{} {why}", of_all(all.resends)));
    }
    if all.retries > 0 {
        let kinds = verdict::failures_by_count(&all.failed_attempts);
        let kinds: Vec<String> =
            kinds.iter().map(|(kind, failure)| format!("{} × {kind}", units::count(failure.count))).collect();
        let text = format!(
            "{} were retried, with {} more attempts after {}; their latencies count from the first attempt",
            of_all(all.retried),
            units::count(all.retries),
            kinds.join(", "),
        );
        remarks.add(Level::Note, text);
    }
}

/// Conversations of agents.
fn of_turns(remarks: &mut Remarks, all: &Figures) {
    let Some(per_turn) = all.requests_per_turn().filter(|_| all.tool_calls > 0) else { return };
    let text = format!(
        "{} turns of conversations took {} requests each on average, and called tools {} times",
        units::count(all.turns),
        units::figure(per_turn),
        units::count(all.tool_calls),
    );
    remarks.add(Level::Note, text);
    let problems = [
        (
            all.turns_cut,
            "turns ended at their limit of requests (`max_loops`) while the model still called tools",
        ),
        (all.unknown_tools, "calls were of tools that the scenario does not answer (`tools`)"),
    ];
    for (count, what) in problems.into_iter().filter(|(count, _)| *count > 0) {
        remarks.add(Level::Warning, format!("{} {what}", units::count(count)));
    }
}
