//! What the agent connector offers.

use axum::response::Response;

use super::{baseline, graphql, query, registration, status};
use crate::api::{Call, Description, Problem, Route, reference::chain_backend::dialect};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
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

impl Endpoint {
    pub(crate) const ALL: [Self; 14] = [
        Self::Health,
        Self::Register,
        Self::Agents,
        Self::Agent,
        Self::Query,
        Self::NaturalQuery,
        Self::FailoverStats,
        Self::CostDashboard,
        Self::GraphQl,
        Self::MakeBaseline,
        Self::Baselines,
        Self::Baseline,
        Self::BaselineReport,
        Self::LoadTestInfo,
    ];
    pub(crate) const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    /// All are open: the keys that count here are the agents' own, not those of the admission.
    pub(crate) const fn route(self) -> Route {
        match self {
            Self::Health => get("/api/health"),
            Self::Register => post("/api/agents/register"),
            Self::Agents => get("/api/agents"),
            Self::Agent => get("/api/agents/{id}"),
            Self::Query => post("/api/agents/{id}/query"),
            Self::NaturalQuery => post("/api/agents/{id}/query/natural"),
            Self::FailoverStats => get("/api/agents/{id}/failover/stats"),
            Self::CostDashboard => get("/api/cost/dashboard"),
            Self::GraphQl => post("/graphql"),
            Self::MakeBaseline => post("/api/load-test/baseline"),
            Self::Baselines => get("/api/load-test/baselines"),
            Self::Baseline => get("/api/load-test/baselines/{id}"),
            Self::BaselineReport => get("/api/load-test/baselines/{id}/report"),
            Self::LoadTestInfo => get("/api/load-test/info"),
        }
    }

    pub(in crate::api) async fn answer(self, call: &mut Call) -> Result<Response, Problem> {
        match self {
            Self::Health => Ok(status::health(call)),
            Self::Register => Box::pin(registration::register(call)).await,
            Self::Agents => Ok(registration::list(call)),
            Self::Agent => Box::pin(registration::one(call)).await,
            Self::Query => Box::pin(query::sql(call)).await,
            Self::NaturalQuery => Box::pin(query::natural(call)).await,
            Self::FailoverStats => Box::pin(status::failover(call)).await,
            Self::CostDashboard => Box::pin(status::cost(call)).await,
            Self::GraphQl => Box::pin(graphql::graphql(call)).await,
            Self::MakeBaseline => Box::pin(baseline::make(call)).await,
            Self::Baselines => Box::pin(baseline::list(call)).await,
            Self::Baseline => Box::pin(baseline::one(call)).await,
            Self::BaselineReport => Box::pin(baseline::report(call)).await,
            Self::LoadTestInfo => Ok(status::load_testing(call)),
        }
    }
}

const fn get(path: &'static str) -> Route {
    Route::get(path, dialect)
}

const fn post(path: &'static str) -> Route {
    Route::post(path, dialect)
}
