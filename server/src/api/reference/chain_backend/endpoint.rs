//! What the chain-execution backend offers.

use axum::response::Response;

use super::{connector, dialect::dialect, run};
use crate::api::{Call, Description, Problem, Route};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Chain,
    ChainStream,
    Connector,
    ConnectorStream,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 4] =
        [Self::Chain, Self::ChainStream, Self::Connector, Self::ConnectorStream];
    pub(crate) const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::Chain => guarded("/api/chains/{chain}"),
            Self::ChainStream => guarded("/api/chains/{chain}/stream").get_or_post(),
            Self::Connector => guarded("/api/llm/{connector}"),
            Self::ConnectorStream => guarded("/api/llm/{connector}/stream"),
        }
    }

    pub(in crate::api) async fn answer(self, call: &mut Call) -> Result<Response, Problem> {
        match self {
            Self::Chain => Box::pin(run::run(call)).await,
            Self::ChainStream => Box::pin(run::stream(call)).await,
            Self::Connector => Box::pin(connector::connector(call)).await,
            Self::ConnectorStream => Box::pin(connector::connector_stream(call)).await,
        }
    }
}

const fn guarded(path: &'static str) -> Route {
    Route::post(path, dialect).guarded()
}
