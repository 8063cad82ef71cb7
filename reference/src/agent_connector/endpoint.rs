//! The endpoints of the agent connector.

use axum::response::Response;

use super::{baselines_api, graphql, query, registration, state::AgentConnector, status};
use weir_server::{Api, Description, Problem, RequestContext, Route, plain_dialect};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Health,
    Register,
    Agents,
    Agent,
    Query,
    NaturalQuery,
    FailoverStats,
    CostDashboard,
    GraphQl,
    MakeBaseline,
    Baselines,
    Baseline,
    BaselineReport,
    LoadTestInfo,
}

impl Api for AgentConnector {
    type Endpoint = Endpoint;

    const ENDPOINTS: &'static [Endpoint] = &[
        Endpoint::Health,
        Endpoint::Register,
        Endpoint::Agents,
        Endpoint::Agent,
        Endpoint::Query,
        Endpoint::NaturalQuery,
        Endpoint::FailoverStats,
        Endpoint::CostDashboard,
        Endpoint::GraphQl,
        Endpoint::MakeBaseline,
        Endpoint::Baselines,
        Endpoint::Baseline,
        Endpoint::BaselineReport,
        Endpoint::LoadTestInfo,
    ];
    const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    fn route(endpoint: Endpoint) -> Route {
        match endpoint {
            Endpoint::Health => get("/api/health"),
            Endpoint::Register => post("/api/agents/register"),
            Endpoint::Agents => get("/api/agents"),
            Endpoint::Agent => get("/api/agents/{id}"),
            Endpoint::Query => post("/api/agents/{id}/query"),
            Endpoint::NaturalQuery => post("/api/agents/{id}/query/natural"),
            Endpoint::FailoverStats => get("/api/agents/{id}/failover/stats"),
            Endpoint::CostDashboard => get("/api/cost/dashboard"),
            Endpoint::GraphQl => post("/graphql"),
            Endpoint::MakeBaseline => post("/api/load-test/baseline"),
            Endpoint::Baselines => get("/api/load-test/baselines"),
            Endpoint::Baseline => get("/api/load-test/baselines/{id}"),
            Endpoint::BaselineReport => get("/api/load-test/baselines/{id}/report"),
            Endpoint::LoadTestInfo => get("/api/load-test/info"),
        }
    }

    async fn answer(&self, endpoint: Endpoint, call: &mut RequestContext) -> Result<Response, Problem> {
        match endpoint {
            Endpoint::Health => Ok(status::health(self)),
            Endpoint::Register => Box::pin(registration::register(self, call)).await,
            Endpoint::Agents => Ok(registration::list(self)),
            Endpoint::Agent => Box::pin(registration::one(self, call)).await,
            Endpoint::Query => Box::pin(query::sql(self, call)).await,
            Endpoint::NaturalQuery => Box::pin(query::natural(self, call)).await,
            Endpoint::FailoverStats => Box::pin(status::failover(self, call)).await,
            Endpoint::CostDashboard => Box::pin(status::cost(self, call)).await,
            Endpoint::GraphQl => Box::pin(graphql::graphql(self, call)).await,
            Endpoint::MakeBaseline => Box::pin(baselines_api::make(self, call)).await,
            Endpoint::Baselines => Box::pin(baselines_api::list(self)).await,
            Endpoint::Baseline => Box::pin(baselines_api::one(self, call)).await,
            Endpoint::BaselineReport => Box::pin(baselines_api::report(self, call)).await,
            Endpoint::LoadTestInfo => Ok(status::load_testing(self)),
        }
    }
}

const fn get(path: &'static str) -> Route {
    Route::get(path, plain_dialect)
}

const fn post(path: &'static str) -> Route {
    Route::post(path, plain_dialect)
}
