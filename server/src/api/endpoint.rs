//! All that can be asked, API by API.

use axum::response::Response;

use super::{
    Call, Dialect, Problem, Route, openai,
    reference::{agent_connector, chain_backend},
    status,
};

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    OpenAi(openai::Endpoint),
    ChainBackend(chain_backend::Endpoint),
    AgentConnector(agent_connector::Endpoint),
    Status(status::Endpoint),
    /// A path that is none of these.
    Unknown,
}

impl Endpoint {
    /// All that have a path.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let openai = openai::Endpoint::ALL.into_iter().map(Self::OpenAi);
        let chain_backend = chain_backend::Endpoint::ALL.into_iter().map(Self::ChainBackend);
        let agent_connector = agent_connector::Endpoint::ALL.into_iter().map(Self::AgentConnector);
        openai
            .chain(chain_backend)
            .chain(agent_connector)
            .chain(status::Endpoint::ALL.into_iter().map(Self::Status))
    }

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::OpenAi(endpoint) => endpoint.route(),
            Self::ChainBackend(endpoint) => endpoint.route(),
            Self::AgentConnector(endpoint) => endpoint.route(),
            Self::Status(endpoint) => endpoint.route(),
            Self::Unknown => Route::get("unknown", Dialect::OpenAi),
        }
    }
}

/// Answers one request.
pub(crate) async fn answer(call: &mut Call) -> Result<Response, Problem> {
    match call.endpoint {
        Endpoint::OpenAi(endpoint) => endpoint.answer(call).await,
        Endpoint::ChainBackend(endpoint) => endpoint.answer(call).await,
        Endpoint::AgentConnector(endpoint) => endpoint.answer(call).await,
        Endpoint::Status(endpoint) => endpoint.answer(call),
        Endpoint::Unknown => Err(Problem::no_such_path(&call.parts)),
    }
}
