//! `POST /api/v1/workflows/execute`.

use std::{sync::Arc, time::Duration};

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use weir_chains::{LlmCall, LlmOutput, TokenEvents};
use weir_pace::Rng;

use super::state::Observability;
use super::{
    config::{Switch, Switches},
    queue::PutResult,
    recent_errors::ErrorKind,
    watch::{self, Trace},
};
use crate::fields::{self, fault};
use weir_server::{Problem, RequestContext, ServerContext, json, json_answer};

/// Maximum bytes of a workflow's name.
const NAME_BYTES_MAX: usize = 256;

#[derive(Deserialize)]
#[serde(expecting = "a workflow and its input, a JSON object")]
struct RawRequest {
    #[serde(rename = "workflowId")]
    workflow_id: String,
    input: RawInput,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with a message")]
struct RawInput {
    message: String,
}

/// Runs a workflow with the enabled observability.
pub(super) async fn execute(system: &Observability, call: &mut RequestContext) -> Result<Response, Problem> {
    let run = run(system, call).await;
    if let Err(problem) = &run {
        let mut statistics = system.statistics();
        statistics.counts.failed += 1;
        statistics.recent_errors.note(ErrorKind::Run, &problem.message);
    }
    run
}

async fn run(system: &Observability, call: &mut RequestContext) -> Result<Response, Problem> {
    let body = call.body().await?;
    let RawRequest { workflow_id, input } = json::read_with_place(&body)?;
    if workflow_id.len() > NAME_BYTES_MAX {
        let message = format!("has {} bytes: {NAME_BYTES_MAX} at the most", workflow_id.len());
        return Err(fault("workflowId", &message));
    }
    fields::text("input.message", &input.message)?;
    let server = &call.server;
    let settings = &system.settings;
    let switches = watch::switches(&call.parts.headers, settings.switches)?;
    let mut rng = rng(server, &workflow_id, &input.message);
    let llm_call = LlmCall {
        model: settings.model.as_str().into(),
        prompt: format!("{workflow_id}: {}", input.message).into(),
        max_tokens: None,
        total: Some(settings.run_time.sample(&mut rng)),
        tokens: TokenEvents::Disabled,
        tools: Arc::default(),
    };
    let answer = server.uncapped_llm.ask(&llm_call).await.map_err(|error| Problem::from(&error))?;
    let watched = watch(system, server, switches, &input.message, &answer, &mut rng).await;
    let elapsed = server.clock.now().saturating_duration_since(call.arrival.at);
    Ok(json_answer(&json!({
        "runId": format!("run_{}", server.ids.next()),
        "workflowId": workflow_id,
        "status": "completed",
        "output": {"message": answer.text},
        "usage": {
            "promptTokens": answer.usage.prompt_tokens,
            "completionTokens": answer.usage.completion_tokens,
        },
        "durationMs": ms(elapsed),
        "observability": watched,
    })))
}

/// A repeated request has other delays; both arms of a comparison have the same delays in any order.
fn rng(server: &ServerContext, workflow: &str, message: &str) -> Rng {
    let seed = server.config.seed.named("workflow").named(workflow).named(message);
    seed.derive(server.turns.next(seed.get()).label()).rng()
}

/// Executes the enabled observability, and returns its figures.
async fn watch(
    system: &Observability,
    server: &ServerContext,
    switches: Switches,
    message: &str,
    answer: &LlmOutput,
    rng: &mut Rng,
) -> Value {
    let state = &system;
    let trace = watch::trace(switches);
    let mut overhead = watch::overhead(switches, &state.costs, rng);
    if trace == Trace::Sent {
        overhead += state.export_time.sample(rng);
    }
    server.clock.sleep(overhead).await;
    let cost_usd = (switches.model_costs == Switch::On).then(|| cost_usd(system, server, answer)).flatten();
    let similarity =
        (switches.similarity_logging == Switch::On).then(|| watch::similarity(message, &answer.text));
    let mut statistics = state.statistics();
    let counts = &mut statistics.counts;
    counts.completed += 1;
    counts.watched += u64::from(switches != Switches::all(Switch::Off));
    counts.overhead = counts.overhead.saturating_add(overhead);
    if let Some(cost) = cost_usd {
        counts.priced += 1;
        counts.cost_usd += cost;
    }
    if let Some(similarity) = similarity {
        counts.similarity_logs += 1;
        counts.similarity_sum += similarity;
    }
    match trace {
        Trace::None => {}
        Trace::Sent => counts.traces_sent += 1,
        // The instant is taken under the lock, so that the queue's time is monotonic.
        Trace::Queued => {
            if statistics.queue.put(server.clock.now()) == PutResult::Dropped {
                statistics
                    .recent_errors
                    .note(ErrorKind::Export, "the export queue is full: a trace was dropped");
            }
        }
    }
    drop(statistics);
    json!({
        "enabled": switches != Switches::all(Switch::Off),
        "overheadMs": ms(overhead),
        "costUsd": cost_usd,
        "similarity": similarity,
    })
}

/// Returns `None` for a model without a price.
fn cost_usd(system: &Observability, server: &ServerContext, answer: &LlmOutput) -> Option<f64> {
    let model: Arc<str> = system.settings.model.as_str().into();
    let price = server.models.get(&model)?.price?;
    Some(watch::cost_usd(price, answer.usage.prompt_tokens, answer.usage.completion_tokens))
}

fn ms(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1_000.0
}
