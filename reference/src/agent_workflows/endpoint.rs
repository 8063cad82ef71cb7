//! The endpoints of the agent workflow system.

use axum::response::Response;

use super::{agents, login, run, state::AgentWorkflows, workflows};
use weir_server::{Api, Description, Problem, RequestContext, Route, plain_dialect};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Token,
    Agents,
    Agent,
    RunAgent,
    Workflows,
    RunWorkflow,
}

impl Api for AgentWorkflows {
    type Endpoint = Endpoint;

    const ENDPOINTS: &'static [Endpoint] = &[
        Endpoint::Token,
        Endpoint::Agents,
        Endpoint::Agent,
        Endpoint::RunAgent,
        Endpoint::Workflows,
        Endpoint::RunWorkflow,
    ];
    const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    fn route(endpoint: Endpoint) -> Route {
        match endpoint {
            Endpoint::Token => Route::post("/api/v1/auth/token", plain_dialect),
            Endpoint::Agents => Route::get("/api/v1/agents", plain_dialect),
            Endpoint::Agent => Route::get("/api/v1/agents/{id}", plain_dialect),
            Endpoint::RunAgent => Route::post("/api/v1/agents/run", plain_dialect),
            Endpoint::Workflows => Route::get("/api/v1/workflows", plain_dialect),
            Endpoint::RunWorkflow => Route::post("/api/v1/workflows/run", plain_dialect),
        }
    }

    async fn answer(&self, endpoint: Endpoint, call: &mut RequestContext) -> Result<Response, Problem> {
        if endpoint != Endpoint::Token {
            self.authorise(&call.parts.headers)?;
        }
        match endpoint {
            Endpoint::Token => Box::pin(login::login(self, call)).await,
            Endpoint::Agents => Ok(agents::list()),
            Endpoint::Agent => Box::pin(agents::one(call)).await,
            Endpoint::RunAgent => Box::pin(run::run(self, call)).await,
            Endpoint::Workflows => Ok(workflows::list(self, &call.server)),
            Endpoint::RunWorkflow => Box::pin(workflows::run(self, call)).await,
        }
    }
}
