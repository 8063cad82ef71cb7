//! `POST /api/chains/{chain}` and its stream.

use std::sync::Arc;

use axum::response::Response;
use serde_json::Value;
use weir_chains::{Effects, ExecutionMode, Plan, Run, RunOptions, TimeScale, TokenEvents};
use weir_pace::Seed;

use super::{narration::Narration, request, words};
use crate::{
    api::{Call, Problem, call::json_answer, problem::Kind},
    app::App,
    capped::Capped,
    config::StepOrder,
    event_body::EventBody,
    telemetry::Truth,
};

/// Runs a chain to its end.
pub(super) async fn run(call: &mut Call) -> Result<Response, Problem> {
    let (plan, input, mode) = asked(call).await?;
    let app = &call.app;
    let outcome = begin(app, app.effects.clone(), &plan, input, mode, TokenEvents::Disabled)?.outcome().await;
    app.metrics.chain_run(plan.name(), words::status(&outcome.status));
    let mut response = json_answer(&words::run(&plan, mode, &outcome));
    if let Some(problem) = words::problem(&plan, &outcome) {
        *response.status_mut() = problem.kind.status();
        problem.tell_retry(response.headers_mut());
    }
    let mut truth = Truth::new(call.arrival.at);
    truth.delivered_total = Some(app.clock.now());
    truth.tell(response.headers_mut());
    Ok(response)
}

/// Runs a chain and tells its events as they come.
pub(super) async fn stream(call: &mut Call) -> Result<Response, Problem> {
    let (plan, input, mode) = asked(call).await?;
    let app = &call.app;
    let run = begin(app, app.effects.clone(), &plan, input, mode, TokenEvents::Enabled)?;
    let narration = Narration::new(plan, mode, run, Arc::clone(&app.metrics));
    Ok(EventBody::respond(call, Truth::new(call.arrival.at), narration))
}

async fn asked(call: &mut Call) -> Result<(Arc<Plan>, Value, ExecutionMode), Problem> {
    let name = call.name().await?;
    let chains = &call.app.effects.chains;
    let unknown = || Problem::unknown_name(Kind::NotFound, "chain", &name, chains.names());
    let plan = Arc::clone(chains.get(&name).ok_or_else(unknown)?);
    let mode = match request::step_order(&call.parts.headers, call.app.config.chains.steps)? {
        StepOrder::Sequential => ExecutionMode::Sequential,
        StepOrder::Parallel => ExecutionMode::Parallel { at_once: None },
    };
    Ok((plan, request::input(call).await?, mode))
}

/// Begins a run that acts through `effects`.
pub(in crate::api::reference) fn begin(
    app: &App,
    mut effects: Effects,
    plan: &Arc<Plan>,
    input: Value,
    mode: ExecutionMode,
    tokens: TokenEvents,
) -> Result<Run, Problem> {
    let asked = app.config.seed.named(plan.name()).named(&input.to_string());
    let options = RunOptions {
        mode,
        timeout: Some(plan.timeout().unwrap_or(app.config.chains.timeout)),
        time_scale: scale(app)?,
        seed: turn_of(app, asked),
        tokens,
    };
    if let Some(most) = app.config.chains.llm_calls_a_run_max {
        effects.llm = Arc::new(Capped::new(effects.llm, most));
    }
    Ok(weir_chains::run(Arc::clone(plan), input, options, effects, app.clock.clone()))
}

/// The same question asked again samples other delays.
fn turn_of(app: &App, asked: Seed) -> Seed {
    asked.derive(app.turns.next(asked.get()).label())
}

fn scale(app: &App) -> Result<TimeScale, Problem> {
    TimeScale::try_from(app.config.time_scale)
        .map_err(|error| Problem::new(Kind::ServerError, error.to_string()))
}
