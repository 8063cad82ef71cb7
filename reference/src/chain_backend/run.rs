//! `POST /api/chains/{chain}` and its stream.

use std::sync::Arc;

use axum::response::Response;
use serde_json::Value;
use weir_chains::{ExecutionMode, Plan, TokenEvents};

use super::{request, run_event_source::RunEventSource};
use crate::chain_run;
use weir_server::{EventBody, Problem, ProblemKind, RequestContext, StepOrder, json_answer};

/// Runs a chain to its end.
pub(super) async fn run(call: &mut RequestContext) -> Result<Response, Problem> {
    let (plan, input, mode) = read_request(call).await?;
    let server = &call.server;
    let outcome =
        server.run_chain(server.effects.clone(), &plan, input, mode, TokenEvents::Disabled).outcome().await;
    server.metrics.chain_run(plan.name(), chain_run::status(&outcome.status));
    let mut response = json_answer(&chain_run::run(&plan, mode, &outcome));
    if let Some(problem) = chain_run::problem(&plan, &outcome) {
        *response.status_mut() = problem.kind.status();
        problem.write_retry_after(response.headers_mut());
    }
    let mut timing = call.timing();
    timing.delivered_total = Some(server.clock.now());
    timing.write_to(response.headers_mut());
    Ok(response)
}

/// Runs a chain and streams its events as they occur.
pub(super) async fn stream(call: &mut RequestContext) -> Result<Response, Problem> {
    let (plan, input, mode) = read_request(call).await?;
    let server = &call.server;
    let run = server.run_chain(server.effects.clone(), &plan, input, mode, TokenEvents::Enabled);
    let run_event_source = RunEventSource::new(plan, mode, run, Arc::clone(&server.metrics));
    Ok(EventBody::respond(call, call.timing(), run_event_source))
}

async fn read_request(call: &mut RequestContext) -> Result<(Arc<Plan>, Value, ExecutionMode), Problem> {
    let name = call.name().await?;
    let chains = &call.server.effects.chains;
    let unknown = || Problem::unknown_name(ProblemKind::NotFound, "chain", &name, chains.names());
    let plan = Arc::clone(chains.get(&name).ok_or_else(unknown)?);
    let mode = match request::step_order(&call.parts.headers, call.server.config.chains.steps)? {
        StepOrder::Sequential => ExecutionMode::Sequential,
        StepOrder::Parallel => ExecutionMode::Parallel { at_once: None },
    };
    Ok((plan, request::input(call).await?, mode))
}
