//! Runs and steps as JSON.

use std::{collections::HashSet, time::Duration};

use serde_json::{Value, json};
use weir_chains::{
    ExecutionMode, HttpError, Plan, RenderError, RunError, RunOutcome, RunStatus, StepError, StepStatus,
    StepTrace,
};

use weir_server::{Problem, ProblemKind};

/// Returns milliseconds, rounded to microseconds.
pub(super) fn ms(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1_000.0
}

/// Encodes a finished step.
pub(crate) fn step(trace: &StepTrace) -> Value {
    let mut step = json!({
        "name": &**trace.step.name(),
        "kind": trace.step.kind().as_str(),
        "status": trace.status.as_str(),
        "start_ms": ms(trace.started),
        "elapsed_ms": ms(trace.elapsed()),
        "busy_ms": ms(trace.busy),
        "longest_ms": ms(trace.longest),
        "attempts": trace.attempts,
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

/// Encodes the steps of a run; after a timeout, those that had ended: the reference system's clients count them.
fn steps(outcome: &RunOutcome) -> Vec<Value> {
    let timed_out = matches!(outcome.status, RunStatus::TimedOut { .. });
    let cut = |trace: &&StepTrace| timed_out && matches!(trace.status, StepStatus::Cancelled);
    let traces: Vec<&StepTrace> = outcome.trace.steps.iter().filter(|trace| !cut(trace)).collect();
    let names: HashSet<&str> = traces.iter().map(|trace| &**trace.step.name()).collect();
    let with_needs_told = |trace: &&StepTrace| {
        let mut step = step(trace);
        // An unused fallback has no trace, though later steps depend on it.
        if let Some(Value::Array(needs)) = step.get_mut("needs") {
            needs.retain(|need| need.as_str().is_some_and(|need| names.contains(need)));
        }
        step
    };
    traces.iter().map(with_needs_told).collect()
}

/// Encodes a finished run.
pub(super) fn run(plan: &Plan, mode: ExecutionMode, outcome: &RunOutcome) -> Value {
    let trace = &outcome.trace;
    let critical = trace.critical_path();
    let mut answer = json!({
        "status": status(&outcome.status),
        "chain": &**plan.name(),
        "result": outcome.result,
        "steps": steps(outcome),
        "metadata": {
            "elapsed_ms": ms(trace.wall),
            "parallel": mode != ExecutionMode::Sequential,
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

/// Returns the status of a run.
pub(crate) const fn status(status: &RunStatus) -> &'static str {
    match status {
        RunStatus::Completed => "ok",
        RunStatus::Failed(_) => "error",
        RunStatus::TimedOut { .. } => "timeout",
    }
}

/// Describes the error of a run.
pub(super) fn error(plan: &Plan, outcome: &RunOutcome) -> Option<String> {
    match &outcome.status {
        RunStatus::Completed => None,
        RunStatus::Failed(error) => Some(error.to_string()),
        RunStatus::TimedOut { after } => {
            let (chain, seconds) = (plan.name(), after.as_secs_f64());
            Some(format!("Chain '{chain}' execution timed out after {seconds} seconds"))
        }
    }
}

/// Returns the error of a run as a problem; `None` for a completed run.
pub(crate) fn problem(plan: &Plan, outcome: &RunOutcome) -> Option<Problem> {
    let message = error(plan, outcome)?;
    let kind = match &outcome.status {
        RunStatus::Completed => return None,
        RunStatus::TimedOut { .. } => ProblemKind::TimedOut,
        RunStatus::Failed(error) => return Some(Problem { message, ..problem_of_run(error) }),
    };
    Some(Problem::new(kind, message))
}

fn problem_of_run(error: &RunError) -> Problem {
    let kind = match error {
        RunError::Result { error } => problem_of_template(error),
        RunError::Step { error, .. } => match &**error {
            StepError::Llm(error) => return Problem::from(error),
            StepError::Chain { error, .. } => return problem_of_run(error),
            StepError::TimedOut { .. } => ProblemKind::TimedOut,
            StepError::Http(
                HttpError::Status { .. } | HttpError::Failed { .. } | HttpError::TooLong { .. },
            ) => ProblemKind::BadGateway,
            StepError::Template(error) => problem_of_template(error),
            StepError::Http(HttpError::NotAllowed { .. }) => ProblemKind::Forbidden,
            // These errors are caused by the request's input.
            StepError::NotAList { .. }
            | StepError::TooManyItems { .. }
            | StepError::TooLong { .. }
            | StepError::TooManyAttempts { .. }
            | StepError::Http(HttpError::Invalid { .. }) => ProblemKind::InvalidRequest,
            StepError::Simulated | StepError::UnknownChain { .. } | StepError::TooDeep { .. } => {
                ProblemKind::ServerError
            }
        },
    };
    Problem::new(kind, error.to_string())
}

/// Templates are checked when chains are loaded: what fails later is caused by the request's input.
const fn problem_of_template(error: &RenderError) -> ProblemKind {
    match error {
        RenderError::TooLong
        | RenderError::TooMuchWork
        | RenderError::TooMuchData
        | RenderError::RunOverBudget
        | RenderError::Value(_) => ProblemKind::InvalidRequest,
    }
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(key.to_owned(), value);
    }
}
