//! Queries of agents, in SQL and natural language.

use std::{borrow::Cow, time::Duration};

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::state::AgentConnector;
use super::{
    access, failover,
    failover::ModelQuestion,
    sql::{self, Rows, Statement},
};
use weir_server::{Problem, RequestContext, TokenTimer, json, json_answer};

/// The maximum length of a query. It allows questions beyond the context of small models, and takes the
/// tokenizer a few milliseconds.
const QUERY_BYTES_MAX: usize = 256 << 10;

#[derive(Deserialize)]
#[serde(expecting = "a query, a JSON object")]
struct RawQuery<'a> {
    #[serde(borrow)]
    query: Cow<'a, str>,
}

/// `POST /api/agents/{id}/query`.
pub(super) async fn sql(system: &AgentConnector, call: &mut RequestContext) -> Result<Response, Problem> {
    let agent = access::authorised(system, call).await?;
    let body = call.body().await?;
    let query = read(&body)?;
    let statement = Statement::read(&query).map_err(|error| invalid(&error.to_string()))?;
    let rows = statement.rows(call.server.config.seed);
    agent.usage().queries += 1;
    system.usage().queries += 1;
    let elapsed = call.server.clock.now().saturating_duration_since(call.arrival.at);
    Ok(json_answer(&answer(&agent.id, &query, &rows, elapsed)))
}

/// `POST /api/agents/{id}/query/natural`: the SQL is sent with the model's last token.
pub(super) async fn natural(system: &AgentConnector, call: &mut RequestContext) -> Result<Response, Problem> {
    let agent = access::authorised(system, call).await?;
    let body = call.body().await?;
    let query = read(&body)?;
    let server = &call.server;
    let ModelQuestion { mut begun, answered } = failover::ask(system, server, &agent, &sql::prompt(&query))?;
    let mut timing = call.timing();
    let mut tokens = TokenTimer::new(begun.lease.schedule, &server.clock);
    let end = tokens.end().await;
    timing.add_schedule(tokens.schedule());
    let statement = sql::written_for(server.config.seed, &query);
    let now = server.clock.now();
    begun.record.delivered_whole(tokens.schedule().first().unwrap_or(end), now);
    timing.delivered_total = Some(now);
    let rows = statement.rows(server.config.seed);
    let mut answer = answer(&agent.id, &query, &rows, now.saturating_duration_since(call.arrival.at));
    if let Value::Object(fields) = &mut answer {
        fields.insert("sql".to_owned(), statement.to_string().into());
        fields.insert("model".to_owned(), (&*answered.model).into());
        fields.insert("cost_usd".to_owned(), answered.cost_usd.into());
        let usage = json!({
            "prompt_tokens": answered.prompt_tokens,
            "completion_tokens": answered.completion_tokens,
            "total_tokens": u64::from(answered.prompt_tokens) + u64::from(answered.completion_tokens),
        });
        fields.insert("usage".to_owned(), usage);
    }
    let mut response = json_answer(&answer);
    timing.write_to(response.headers_mut());
    Ok(response)
}

fn read(body: &[u8]) -> Result<Cow<'_, str>, Problem> {
    let RawQuery { query } = json::read_with_place(body)?;
    if query.trim().is_empty() {
        return Err(invalid("is empty"));
    }
    if query.len() > QUERY_BYTES_MAX {
        return Err(invalid(&format!("has {} bytes: {QUERY_BYTES_MAX} at the most", query.len())));
    }
    Ok(query)
}

fn invalid(message: &str) -> Problem {
    Problem::invalid(Some("query".to_owned()), format!("query: {message}"))
}

fn answer(agent_id: &str, query: &str, rows: &Rows, elapsed: Duration) -> Value {
    json!({
        "agent_id": agent_id,
        "query": query,
        "columns": rows.columns,
        "row_count": rows.rows.len(),
        "rows": rows.rows,
        "execution_time_ms": elapsed.as_micros() as f64 / 1_000.0,
    })
}
