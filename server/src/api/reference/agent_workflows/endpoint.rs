//! What the agent workflow system offers.

use axum::response::Response;

use super::{agents, login, run, workflows};
use crate::api::{Call, Description, Problem, Route, reference::chain_backend::dialect};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Token,
    Agents,
    Agent,
    RunAgent,
    Workflows,
    RunWorkflow,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 6] =
        [Self::Token, Self::Agents, Self::Agent, Self::RunAgent, Self::Workflows, Self::RunWorkflow];
    pub(crate) const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::Token => Route::post("/api/v1/auth/token", dialect),
            Self::Agents => Route::get("/api/v1/agents", dialect),
            Self::Agent => Route::get("/api/v1/agents/{id}", dialect),
            Self::RunAgent => Route::post("/api/v1/agents/run", dialect),
            Self::Workflows => Route::get("/api/v1/workflows", dialect),
            Self::RunWorkflow => Route::post("/api/v1/workflows/run", dialect),
        }
    }

    pub(in crate::api) async fn answer(self, call: &mut Call) -> Result<Response, Problem> {
        if self != Self::Token {
            call.app.agent_workflows.authorise(&call.parts.headers)?;
        }
        match self {
            Self::Token => Box::pin(login::login(call)).await,
            Self::Agents => Ok(agents::list()),
            Self::Agent => Box::pin(agents::one(call)).await,
            Self::RunAgent => Box::pin(run::run(call)).await,
            Self::Workflows => Ok(workflows::list(&call.app)),
            Self::RunWorkflow => Box::pin(workflows::run(call)).await,
        }
    }
}
