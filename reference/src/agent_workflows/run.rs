//! `POST /api/v1/agents/run`.

use std::{borrow::Cow, sync::Arc, time::Duration};

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use weir_chains::{LlmCall, TokenEvents, Usage};

use super::state::AgentWorkflows;
use super::{
    agents::{self, Agent},
    steps::{Step, steps},
};
use crate::fields::{self, fault};
use weir_server::{Problem, RequestContext, ServerContext, json, json_answer};

/// Maximum tools of one run, because each has a delay.
const TOOLS_MAX: usize = 32;

#[derive(Deserialize)]
#[serde(expecting = "an agent and its task, a JSON object")]
struct RawRequest<'a> {
    #[serde(borrow)]
    agent_id: Cow<'a, str>,
    #[serde(borrow)]
    task: Cow<'a, str>,
    #[serde(borrow)]
    model: Option<Cow<'a, str>>,
    temperature: Option<f64>,
    tools: Option<Vec<Value>>,
}

/// The result of a run.
#[derive(Default)]
struct RunResult {
    text: String,
    usage: Usage,
    llm_calls: u32,
    steps: Vec<Value>,
}

/// Runs an agent on a task.
pub(super) async fn run(system: &AgentWorkflows, call: &mut RequestContext) -> Result<Response, Problem> {
    let body = call.body().await?;
    let request: RawRequest<'_> = json::read_with_place(&body)?;
    let agent = agents::find(&request.agent_id)?;
    fields::text("task", &request.task)?;
    request.temperature.map_or(Ok(()), fields::temperature)?;
    let tools = tools(request.tools.as_deref().unwrap_or_default())?;
    let server = &call.server;
    let begun = server.clock.now();
    let work = work(system, server, agent, &request.task, &tools).await?;
    let Usage { prompt_tokens, completion_tokens } = work.usage;
    Ok(json_answer(&json!({
        "status": "success",
        "run_id": format!("run_{}", server.ids.next()),
        "agent_id": agent.id,
        // The requested model; the model that determines the delays is a setting.
        "model": request.model.as_deref().unwrap_or(&system.settings.model),
        "result": work.text,
        "steps": work.steps,
        "llm_calls": work.llm_calls,
        "tool_calls": tools.len(),
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
        },
        "execution_time_seconds": server.clock.now().saturating_duration_since(begun).as_secs_f64(),
    })))
}

/// Returns the names of the tools: texts, or objects with a name in the providers' format.
fn tools(given: &[Value]) -> Result<Vec<String>, Problem> {
    if given.len() > TOOLS_MAX {
        return Err(fault("tools", &format!("are {}: {TOOLS_MAX} at the most", given.len())));
    }
    let name = |(index, tool): (usize, &Value)| {
        let named = tool.get("name").or_else(|| tool.get("function")?.get("name")).unwrap_or(tool);
        named.as_str().map(str::to_owned).ok_or_else(|| {
            fault(&format!("tools[{index}]"), "expected the name of a tool, or an object with its name")
        })
    };
    given.iter().enumerate().map(name).collect()
}

/// Executes the steps in order; each model call has the previous response in its prompt.
async fn work(
    system: &AgentWorkflows,
    server: &ServerContext,
    agent: &Agent,
    task: &str,
    tools: &[String],
) -> Result<RunResult, Problem> {
    let model: Arc<str> = system.settings.model.as_str().into();
    let mut work = RunResult::default();
    for step in steps(task, tools) {
        let begun = server.clock.now();
        let (kind, name) = match step {
            Step::Ask { what, tokens } => {
                let prompt = format!("{} {what}: {task}\n{}", agent.name, work.text);
                let call = LlmCall {
                    model: Arc::clone(&model),
                    prompt: prompt.into(),
                    max_tokens: Some(tokens),
                    total: None,
                    tokens: TokenEvents::Disabled,
                    tools: Arc::default(),
                };
                let answer = server.uncapped_llm.ask(&call).await.map_err(|error| Problem::from(&error))?;
                work.text = answer.text;
                work.usage.prompt_tokens += answer.usage.prompt_tokens;
                work.usage.completion_tokens += answer.usage.completion_tokens;
                work.llm_calls += 1;
                ("llm", what)
            }
            Step::Use { tool } => {
                server.clock.sleep(tool_time(system, server, task, tool)).await;
                ("tool", tool)
            }
        };
        let elapsed = server.clock.now().saturating_duration_since(begun);
        work.steps.push(json!({"name": name, "kind": kind, "elapsed_seconds": elapsed.as_secs_f64()}));
    }
    Ok(work)
}

/// Samples the duration of a tool call.
fn tool_time(system: &AgentWorkflows, server: &ServerContext, task: &str, tool: &str) -> Duration {
    let used = server.config.seed.named("tool").named(tool).named(task);
    let turn = server.turns.next(used.get()).label();
    system.tool_time.sample(&mut used.derive(turn).rng())
}
