//! `POST /api/agents/register`, and the registered agents.

use std::borrow::Cow;

use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};

use super::state::AgentConnector;
use super::{
    access,
    agents::{AGENTS_MAX, Registered},
};
use weir_server::{Problem, ProblemKind, RequestContext, json, json_answer};

/// Maximum bytes of an agent's id and of its database's type, which are stored.
const ID_BYTES_MAX: usize = 256;
const DATABASE_TYPE_BYTES_MAX: usize = 64;
/// Reserved ids, which are paths.
const RESERVED: [&str; 1] = ["register"];

#[derive(Deserialize)]
#[serde(expecting = "a registration, a JSON object")]
struct RawRegistration<'a> {
    #[serde(borrow)]
    agent_id: Cow<'a, str>,
    #[serde(rename = "agent_credentials")]
    _agent_credentials: RawCredentials,
    database: Option<RawDatabase>,
}

/// Required, but neither checked nor stored.
#[derive(Deserialize)]
#[serde(expecting = "an object with api_key and api_secret")]
struct RawCredentials {
    #[serde(rename = "api_key")]
    _api_key: IgnoredAny,
    #[serde(rename = "api_secret")]
    _api_secret: IgnoredAny,
}

/// Only its type is stored: the rest may contain secrets.
#[derive(Deserialize)]
#[serde(expecting = "an object that describes a database")]
struct RawDatabase {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Registers an agent.
pub(super) async fn register(
    system: &AgentConnector,
    call: &mut RequestContext,
) -> Result<Response, Problem> {
    let body = call.body().await?;
    let raw: RawRegistration<'_> = json::read_with_place(&body)?;
    let (id, database_type) = checked(raw)?;
    let Registered { agent, replaced, removed } = system
        .agents
        .register(&id, database_type)
        .map_err(|taken| Problem::new(ProblemKind::Conflict, taken.to_string()))?;
    let mut response = json_answer(&json!({
        "agent": agent.describe(),
        "api_key": agent.key.reveal(),
        "replaced": replaced.is_some(),
        "removed": removed.map(|agent| agent.id.to_string()),
    }));
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

fn checked(raw: RawRegistration<'_>) -> Result<(String, Option<String>), Problem> {
    let invalid =
        |key: &str, message: String| Err(Problem::invalid(Some(key.to_owned()), format!("{key}: {message}")));
    let id = raw.agent_id.into_owned();
    if id.trim().is_empty() {
        return invalid("agent_id", "is blank: expected a name".to_owned());
    }
    if id.len() > ID_BYTES_MAX {
        return invalid("agent_id", format!("has {} bytes: {ID_BYTES_MAX} at the most", id.len()));
    }
    if RESERVED.contains(&id.as_str()) {
        return invalid("agent_id", format!("'{id}' is the path of something else: expected another id"));
    }
    let kind = raw.database.and_then(|database| database.kind);
    if kind.as_ref().is_some_and(|kind| kind.len() > DATABASE_TYPE_BYTES_MAX) {
        return invalid(
            "database.type",
            format!("longer than {DATABASE_TYPE_BYTES_MAX} bytes: expected a name like \"postgresql\""),
        );
    }
    Ok((id, kind))
}

/// Returns all agents, without a key.
pub(super) fn list(system: &AgentConnector) -> Response {
    let agents = system.agents.first(AGENTS_MAX);
    let agents: Vec<Value> = agents.iter().map(|agent| agent.describe()).collect();
    json_answer(&json!({"count": agents.len(), "max": AGENTS_MAX, "agents": agents}))
}

/// Returns one agent, with its key.
pub(super) async fn one(system: &AgentConnector, call: &mut RequestContext) -> Result<Response, Problem> {
    let agent = access::authorised(system, call).await?;
    let mut answer = agent.describe();
    let usage = agent.usage().clone();
    if let Value::Object(fields) = &mut answer {
        fields.insert("queries".to_owned(), usage.queries.into());
        fields.insert("natural_queries".to_owned(), usage.natural_queries.into());
    }
    Ok(json_answer(&answer))
}
