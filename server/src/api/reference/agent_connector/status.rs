//! How the agent connector is, what it has counted, and what it says of load tests.

use axum::response::Response;
use serde_json::{Value, json};

use super::{Endpoint, access, baseline, usage::PRICE_DEFAULT};
use crate::api::{Call, Methods, Problem, call::json_answer};

/// `GET /api/health`.
pub(super) fn health(call: &Call) -> Response {
    let agents = call.app.agent_connector.agents.count();
    json_answer(&json!({"status": HEALTHY, "version": env!("CARGO_PKG_VERSION"), "agents": agents}))
}

/// The word for a server that answers.
pub(super) const HEALTHY: &str = "healthy";

/// `GET /api/agents/{id}/failover/stats`.
pub(super) async fn failover(call: &mut Call) -> Result<Response, Problem> {
    let agent = access::named(call).await?;
    let stats = agent.usage().failover(&call.app.agent_connector.models);
    Ok(json_answer(&json!({"agent_id": &*agent.id, "stats": stats})))
}

/// `GET /api/cost/dashboard`: of one agent, or since the start of the server.
pub(super) async fn cost(call: &mut Call) -> Result<Response, Problem> {
    let mut query = call.query().await?;
    let agent_id = query.remove("agent_id");
    let usage = match &agent_id {
        Some(id) => access::agent(&call.app, id)?.usage().clone(),
        None => call.app.agent_connector.usage().clone(),
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
pub(super) fn load_testing(call: &Call) -> Response {
    let routes = Endpoint::ALL.into_iter().map(Endpoint::route);
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
            "folders": call.app.agent_connector.baselines.folders(),
        },
    }))
}
