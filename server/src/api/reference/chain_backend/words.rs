//! Runs and steps as JSON.

use std::time::Duration;

use serde_json::{Value, json};
use weir_chains::{Mode, Outcome, Plan, RunError, RunStatus, StepError, StepStatus, StepTrace};

use crate::api::{Problem, problem::Kind};

/// Milliseconds, to the microsecond.
pub(super) fn ms(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1_000.0
}

/// A step that has ended.
pub(in crate::api::reference) fn step(trace: &StepTrace) -> Value {
    let mut step = json!({
        "name": &**trace.step.name(),
        "kind": trace.step.kind().as_str(),
        "status": trace.status.as_str(),
        "start_ms": ms(trace.started),
        "elapsed_ms": ms(trace.elapsed()),
        "needs": trace.step.need_names().iter().map(|name| &**name).collect::<Vec<_>>(),
    });
    if let Some(output) = &trace.output {
        put(&mut step, "output", Value::from(&**output.text()));
        if let Some(usage) = output.usage() {
            let usage =
                json!({"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens});
            put(&mut step, "usage", usage);
        }
    }
    if let StepStatus::Failed(error) = &trace.status {
        put(&mut step, "error", Value::from(error.to_string()));
    }
    step
}

/// A run that has ended.
pub(super) fn run(plan: &Plan, mode: Mode, outcome: &Outcome) -> Value {
    let trace = &outcome.trace;
    let critical = trace.critical_path();
    let mut answer = json!({
        "status": status(&outcome.status),
        "chain": &**plan.name(),
        "result": outcome.result,
        "steps": trace.steps.iter().map(step).collect::<Vec<_>>(),
        "metadata": {
            "elapsed_ms": ms(trace.wall),
            "parallel": mode != Mode::Sequential,
            "sum_of_steps_ms": ms(trace.sum_of_steps()),
            "critical_path_ms": ms(critical.duration),
            "ideal_speedup": trace.ideal_speedup(),
        },
    });
    if let Some(error) = error(plan, outcome) {
        put(&mut answer, "error", Value::from(error));
    }
    if let (RunStatus::TimedOut { after }, Some(metadata)) = (&outcome.status, answer.get_mut("metadata")) {
        put(metadata, "timeout_seconds", Value::from(after.as_secs_f64()));
    }
    answer
}

/// The word for how a run ended.
pub(in crate::api::reference) const fn status(status: &RunStatus) -> &'static str {
    match status {
        RunStatus::Completed => "ok",
        RunStatus::Failed(_) => "error",
        RunStatus::TimedOut { .. } => "timeout",
    }
}

/// What went wrong with a run, in words.
pub(super) fn error(plan: &Plan, outcome: &Outcome) -> Option<String> {
    match &outcome.status {
        RunStatus::Completed => None,
        RunStatus::Failed(error) => Some(error.to_string()),
        RunStatus::TimedOut { after } => {
            let (chain, seconds) = (plan.name(), after.as_secs_f64());
            Some(format!("Chain '{chain}' execution timed out after {seconds} seconds"))
        }
    }
}

/// What went wrong with a run, as a problem of the request; `None` for a completed run.
pub(in crate::api::reference) fn problem(plan: &Plan, outcome: &Outcome) -> Option<Problem> {
    let message = error(plan, outcome)?;
    let kind = match &outcome.status {
        RunStatus::Completed => return None,
        RunStatus::TimedOut { .. } => Kind::TimedOut,
        RunStatus::Failed(RunError::Step { error, .. }) => match &**error {
            StepError::Llm(error) => return Some(Problem { message, ..Problem::from(error) }),
            StepError::Template(_) => Kind::ServerError,
        },
        RunStatus::Failed(RunError::Result { .. }) => Kind::ServerError,
    };
    Some(Problem::new(kind, message))
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(key.to_owned(), value);
    }
}
