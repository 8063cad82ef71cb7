//! Health, statistics, and information on load tests.

use axum::response::Response;
use serde_json::{Value, json};

use super::state::AgentConnector;
use super::{access, baseline, usage::PRICE_DEFAULT};
use weir_server::{Api as _, Methods, Problem, RequestContext, json_answer};

/// `GET /api/health`.
pub(super) fn health(system: &AgentConnector) -> Response {
    let agents = system.agents.count();
    json_answer(&json!({"status": HEALTHY, "version": env!("CARGO_PKG_VERSION"), "agents": agents}))
}

/// The status of a running server.
pub(super) const HEALTHY: &str = "healthy";

/// `GET /api/agents/{id}/failover/stats`.
pub(super) async fn failover(
    system: &AgentConnector,
    call: &mut RequestContext,
) -> Result<Response, Problem> {
    let agent = access::named(system, call).await?;
    let stats = agent.usage().failover(&system.models);
    Ok(json_answer(&json!({"agent_id": &*agent.id, "stats": stats})))
}

/// `GET /api/cost/dashboard`: of one agent, or since the start of the server.
pub(super) async fn cost(system: &AgentConnector, call: &mut RequestContext) -> Result<Response, Problem> {
    let mut query = call.query().await?;
    let agent_id = query.remove("agent_id");
    let usage = match &agent_id {
        Some(id) => access::agent(system, id)?.usage().clone(),
        None => system.usage().clone(),
    };
    Ok(json_answer(&json!({
        "agent_id": agent_id,
        "currency": "USD",
        "queries": usage.queries,
        "natural_queries": usage.natural_queries,
        "costs": usage.cost(),
        "default_price": {
            "input_per_million": PRICE_DEFAULT.input_per_million,
            "output_per_million": PRICE_DEFAULT.output_per_million,
        },
    })))
}

/// `GET /api/load-test/info`.
pub(super) fn load_testing(system: &AgentConnector) -> Response {
    let routes = AgentConnector::ENDPOINTS.iter().map(|endpoint| AgentConnector::route(*endpoint));
    let endpoints = routes.filter(|route| route.path.starts_with("/api/load-test/")).map(|route| {
        let method = match route.methods {
            Methods::Get => "GET",
            Methods::Post => "POST",
            Methods::GetOrPost => "GET, POST",
            Methods::Delete => "DELETE",
        };
        json!({"method": method, "path": route.path})
    });
    let endpoints: Vec<Value> = endpoints.collect();
    json_answer(&json!({
        "success": true,
        "load_testing": {
            "tools": ["weir", "locust"],
            "endpoints": endpoints,
            "limits": baseline::limits(),
            "folders": system.baselines.folders(),
        },
    }))
}
