//! Describes a finished run.

use std::{fmt::Write as _, time::Duration};

use serde_json::Value;
use weir_chains::{ExecutionMode, Plan, RunStatus, Trace};
use weir_results::units;

use super::{
    expectation::speedup,
    session::{Finished, RunEnd},
};
use crate::exit::Exit;

/// Describes the execution mode.
pub(super) fn order_of_steps(mode: ExecutionMode) -> String {
    match mode {
        ExecutionMode::Sequential => "sequential".to_owned(),
        ExecutionMode::Parallel { at_once: None } => "parallel".to_owned(),
        ExecutionMode::Parallel { at_once: Some(at_once) } => format!("{at_once} at once"),
    }
}

impl Finished {
    /// The duration of the run, until its end or its interruption.
    pub(super) fn wall(&self) -> Duration {
        match &self.end {
            RunEnd::Ended(outcome) => outcome.trace.wall,
            RunEnd::Interrupted(after) => *after,
        }
    }

    /// The trace, if the run completed.
    pub(super) fn completed(&self) -> Option<&Trace> {
        match &self.end {
            RunEnd::Ended(outcome) if matches!(outcome.status, RunStatus::Completed) => Some(&outcome.trace),
            RunEnd::Ended(_) | RunEnd::Interrupted(_) => None,
        }
    }

    /// The exit code of the program.
    pub(super) fn exit(&self) -> Exit {
        match &self.end {
            RunEnd::Interrupted(_) => Exit::Interrupted,
            RunEnd::Ended(_) if self.completed().is_some() => Exit::Passed,
            RunEnd::Ended(_) => Exit::Failed,
        }
    }

    /// Describes how the run ended, and draws its steps as bars over a time axis up to `axis`.
    pub(super) fn chart(&self, plan: &Plan, axis: Duration) -> String {
        let (end, now) = (how_it_ended(&self.end), self.wall());
        let mut text = format!(
            "{}, {}: {end}\n\n{}",
            plan.name(),
            order_of_steps(self.mode),
            self.timeline.bars(now, axis)
        );
        let started = |name| self.timeline.spans.iter().any(|span| span.step.name() == name);
        let missing: Vec<&str> =
            plan.steps().iter().filter(|step| !started(step.name())).map(|step| &**step.name()).collect();
        if !missing.is_empty() {
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(text, "  not started: {}", missing.join(", "));
        }
        text
    }

    /// Chart, figures and result.
    pub(super) fn text(&self, plan: &Plan) -> String {
        let mut text = self.chart(plan, self.wall());
        let RunEnd::Ended(outcome) = &self.end else { return text };
        let _ = write!(text, "\n{}", figures(&outcome.trace));
        if self.completed().is_some() {
            let _ = write!(text, "\n{}\n", result(&outcome.result));
        }
        text
    }
}

fn how_it_ended(end: &RunEnd) -> String {
    match end {
        RunEnd::Interrupted(after) => format!("interrupted after {}", units::duration(*after)),
        RunEnd::Ended(outcome) => match &outcome.status {
            RunStatus::Completed => "completed".to_owned(),
            RunStatus::Failed(error) => format!("failed, {error}"),
            RunStatus::TimedOut { after } => format!("timed out after {}", units::duration(*after)),
        },
    }
}

fn figures(trace: &Trace) -> String {
    let (sum, path) = (trace.sum_of_steps(), trace.critical_path());
    let reached = units::ratio(speedup(sum, trace.wall));
    format!(
        "  wall           {}\n  sum of steps   {}\n  critical path  {}   {}\n  speedup        {reached}   ideal {}\n",
        units::duration(trace.wall),
        units::duration(sum),
        units::duration(path.duration),
        path.steps.join(" → "),
        units::ratio(trace.ideal_speedup()),
    )
}

/// Formats texts unchanged, and other values as JSON.
fn result(result: &Value) -> String {
    match result {
        Value::String(text) => text.clone(),
        other => format!("{other:#}"),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::chains::testing::{PARALLEL, plan, run};

    const SEARCH: &str = "
        [chain.search.step.docs]
        tool = { takes = '1s' }
        [chain.search.step.web]
        tool = { takes = '2s' }
        [chain.search.step.answer]
        needs = ['docs', 'web']
        tool = { takes = '500ms', gives = 'forty-two' }";

    #[test]
    fn text_of_completed_run_has_steps_figures_and_result() {
        let plan = plan(SEARCH);
        let finished = run(&plan, PARALLEL, None);
        assert_eq!(finished.exit(), Exit::Passed);
        assert_snapshot!(finished.text(&plan), @"
        search, parallel: completed

          step      start     took  0                                 2.50 s
          docs       0 µs   1.00 s  ████████████████
          web        0 µs   2.00 s  ████████████████████████████████
          answer   2.00 s   500 ms                                  ████████

          wall           2.50 s
          sum of steps   3.50 s
          critical path  2.50 s   web → answer
          speedup        1.40 ×   ideal 1.40 ×

        forty-two
        ");
    }

    #[test]
    fn text_of_interrupted_run_has_the_steps_so_far() {
        let plan = plan(SEARCH);
        let finished = run(&plan, PARALLEL, Some("docs"));
        assert_eq!(finished.exit(), Exit::Interrupted);
        assert_snapshot!(finished.text(&plan), @"
        search, parallel: interrupted after 1.00 s

          step    start     took  0                                 1.00 s
          docs     0 µs   1.00 s  ████████████████████████████████████████
          web      0 µs   1.00 s  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
          not started: answer
        ");
    }

    #[test]
    fn text_of_failed_run_has_the_reason_and_no_result() {
        let plan = plan(
            "[chain.c]
             [chain.c.step.asks]
             llm = { model = 'gone', prompt = 'p' }
             [chain.c.step.waits]
             tool = { takes = '2s' }",
        );
        let finished = run(&plan, ExecutionMode::Parallel { at_once: std::num::NonZeroUsize::new(2) }, None);
        assert_eq!(finished.exit(), Exit::Failed);
        assert_snapshot!(finished.text(&plan), @"
        c, 2 at once: failed, step `asks` failed: unknown model `gone`

          step     start     took  0                                   0 µs
          asks      0 µs     0 µs  ░                                         failed
          waits     0 µs     0 µs  ░                                         cancelled

          wall           0 µs
          sum of steps   0 µs
          critical path  0 µs   asks
          speedup        1.00 ×   ideal 1.00 ×
        ");
    }

    #[test]
    fn result_other_than_text_is_json() {
        assert_eq!(result(&Value::from("a\n\"b\"")), "a\n\"b\"");
        assert_eq!(result(&serde_json::json!({"a": "x"})), "{\n  \"a\": \"x\"\n}");
    }
}
