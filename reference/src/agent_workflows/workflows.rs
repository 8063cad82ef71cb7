//! Workflows: chains whose steps are agents.

use std::sync::Arc;

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use weir_chains::{Effects, ExecutionMode, Llm, TokenEvents};

use super::state::AgentWorkflows;
use crate::chain_run;
use weir_server::{Problem, ProblemKind, RequestContext, ServerContext, json, json_answer};

#[derive(Deserialize)]
#[serde(expecting = "a workflow and its inputs, a JSON object")]
struct RawRequest {
    workflow_id: String,
    inputs: Option<Map<String, Value>>,
}

/// `GET /api/v1/workflows`.
pub(super) fn list(system: &AgentWorkflows, server: &ServerContext) -> Response {
    let plans = system.settings.workflows.iter().filter_map(|name| server.effects.chains.get(name));
    let workflows: Vec<_> = plans
        .map(|plan| {
            let steps: Vec<_> = plan.steps().iter().map(|step| &**step.name()).collect();
            json!({"id": &**plan.name(), "description": plan.about(), "steps": steps})
        })
        .collect();
    json_answer(&json!({"workflows": workflows, "count": workflows.len()}))
}

/// `POST /api/v1/workflows/run`.
pub(super) async fn run(system: &AgentWorkflows, call: &mut RequestContext) -> Result<Response, Problem> {
    let body = call.body().await?;
    let RawRequest { workflow_id, inputs } = json::read_with_place(&body)?;
    let server = &call.server;
    let offered = &system.settings.workflows;
    let plan =
        offered.iter().find(|name| **name == workflow_id).and_then(|name| server.effects.chains.get(name));
    let plan = plan.ok_or_else(|| {
        let known = offered.iter().map(String::as_str);
        Problem::unknown_name(ProblemKind::NotFound, "workflow", &workflow_id, known)
    })?;
    let input = Value::Object(inputs.unwrap_or_default());
    let mode = ExecutionMode::Parallel { at_once: None };
    let effects = Effects { llm: Arc::clone(&server.uncapped_llm) as Arc<dyn Llm>, ..server.effects.clone() };
    let run = server.run_chain(effects, plan, input, mode, TokenEvents::Disabled);
    let outcome = run.outcome().await;
    server.metrics.chain_run(plan.name(), chain_run::status(&outcome.status));
    let problem = chain_run::problem(plan, &outcome);
    let mut response = json_answer(&json!({
        "status": if problem.is_none() { "success" } else { chain_run::status(&outcome.status) },
        "run_id": format!("run_{}", server.ids.next()),
        "workflow_id": workflow_id,
        "result": outcome.result,
        "steps": outcome.trace.steps.iter().map(chain_run::step).collect::<Vec<_>>(),
        "error": problem.as_ref().map(|problem| &problem.message),
        "execution_time_seconds": outcome.trace.wall.as_secs_f64(),
    }));
    if let Some(problem) = problem {
        *response.status_mut() = problem.kind.status();
        problem.write_retry_after(response.headers_mut());
    }
    Ok(response)
}
