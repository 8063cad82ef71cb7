//! The endpoints of the chain-execution backend.

use axum::response::Response;

use super::{connector, run, state::ChainBackend};
use weir_server::{Api, Description, Problem, RequestContext, Route, plain_dialect};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Chain,
    ChainStream,
    Connector,
    ConnectorStream,
}

impl Api for ChainBackend {
    type Endpoint = Endpoint;

    const ENDPOINTS: &'static [Endpoint] =
        &[Endpoint::Chain, Endpoint::ChainStream, Endpoint::Connector, Endpoint::ConnectorStream];
    const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    fn route(endpoint: Endpoint) -> Route {
        match endpoint {
            Endpoint::Chain => guarded("/api/chains/{chain}"),
            Endpoint::ChainStream => guarded("/api/chains/{chain}/stream").get_or_post(),
            Endpoint::Connector => guarded("/api/llm/{connector}"),
            Endpoint::ConnectorStream => guarded("/api/llm/{connector}/stream"),
        }
    }

    async fn answer(&self, endpoint: Endpoint, call: &mut RequestContext) -> Result<Response, Problem> {
        match endpoint {
            Endpoint::Chain => Box::pin(run::run(call)).await,
            Endpoint::ChainStream => Box::pin(run::stream(call)).await,
            Endpoint::Connector => Box::pin(connector::connector(self, call)).await,
            Endpoint::ConnectorStream => Box::pin(connector::connector_stream(self, call)).await,
        }
    }
}

const fn guarded(path: &'static str) -> Route {
    Route::post(path, plain_dialect).rate_limited()
}
