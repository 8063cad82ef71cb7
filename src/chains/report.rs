//! A run that is over, in words.

use std::{fmt::Write as _, time::Duration};

use serde_json::Value;
use weir_chains::{Mode, Plan, RunStatus, Trace};
use weir_loadgen::units;

use super::{
    expectation::speedup,
    session::{Finished, RunEnd},
};
use crate::exit::Exit;

/// How steps ran, in a word.
pub(super) fn order_of_steps(mode: Mode) -> String {
    match mode {
        Mode::Sequential => "sequential".to_owned(),
        Mode::Parallel { at_once: None } => "parallel".to_owned(),
        Mode::Parallel { at_once: Some(at_once) } => format!("{at_once} at once"),
    }
}

impl Finished {
    /// How long the run took, or had taken.
    pub(super) fn wall(&self) -> Duration {
        match &self.end {
            RunEnd::Ended(outcome) => outcome.trace.wall,
            RunEnd::Interrupted(after) => *after,
        }
    }

    /// What happened, if it was all that should have.
    pub(super) fn completed(&self) -> Option<&Trace> {
        match &self.end {
            RunEnd::Ended(outcome) if matches!(outcome.status, RunStatus::Completed) => Some(&outcome.trace),
            RunEnd::Ended(_) | RunEnd::Interrupted(_) => None,
        }
    }

    /// What the program comes to.
    pub(super) fn exit(&self) -> Exit {
        match &self.end {
            RunEnd::Interrupted(_) => Exit::Interrupted,
            RunEnd::Ended(_) if self.completed().is_some() => Exit::Passed,
            RunEnd::Ended(_) => Exit::Failed,
        }
    }

    /// How the run ended, and its steps as bars over time that goes to `axis`.
    pub(super) fn chart(&self, plan: &Plan, axis: Duration) -> String {
        let (end, now) = (how_it_ended(&self.end), self.wall());
        let mut text = format!(
            "{}, {}: {end}\n\n{}",
            plan.name(),
            order_of_steps(self.mode),
            self.board.bars(now, axis)
        );
        let started = |name| self.board.stints.iter().any(|stint| stint.step.name() == name);
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

/// Texts as they are, everything else as JSON.
fn result(result: &Value) -> String {
    match result {
        Value::String(text) => text.clone(),
        other => format!("{other:#}"),
    }
}
