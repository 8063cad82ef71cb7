//! All that can be asked, API by API.

use axum::response::Response;

use super::{
    Call, Dialect, Problem, Route, anthropic, openai, openapi,
    reference::{agent_connector, agent_workflows, chain_backend, observability, prompt_service},
    status, vllm,
};

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    OpenAi(openai::Endpoint),
    Anthropic(anthropic::Endpoint),
    Vllm(vllm::Endpoint),
    Responses(openai::responses::Endpoint),
    ChainBackend(chain_backend::Endpoint),
    AgentConnector(agent_connector::Endpoint),
    AgentWorkflows(agent_workflows::Endpoint),
    PromptService(prompt_service::Endpoint),
    Observability(observability::Endpoint),
    Status(status::Endpoint),
    OpenApi(openapi::Endpoint),
    /// A path that is none of these.
    Unknown,
}

impl Endpoint {
    /// All that have a path.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let openai = openai::Endpoint::ALL.into_iter().map(Self::OpenAi);
        let vllm = vllm::Endpoint::ALL.into_iter().map(Self::Vllm);
        let responses = openai::responses::Endpoint::ALL.into_iter().map(Self::Responses);
        let chain_backend = chain_backend::Endpoint::ALL.into_iter().map(Self::ChainBackend);
        let agent_connector = agent_connector::Endpoint::ALL.into_iter().map(Self::AgentConnector);
        let agent_workflows = agent_workflows::Endpoint::ALL.into_iter().map(Self::AgentWorkflows);
        let prompt_service = prompt_service::Endpoint::ALL.into_iter().map(Self::PromptService);
        let observability = observability::Endpoint::ALL.into_iter().map(Self::Observability);
        openai
            .chain(anthropic::Endpoint::ALL.into_iter().map(Self::Anthropic))
            .chain(vllm)
            .chain(responses)
            .chain(chain_backend)
            .chain(agent_connector)
            .chain(agent_workflows)
            .chain(prompt_service)
            .chain(observability)
            .chain(status::Endpoint::ALL.into_iter().map(Self::Status))
            .chain(openapi::Endpoint::ALL.into_iter().map(Self::OpenApi))
    }

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::OpenAi(endpoint) => endpoint.route(),
            Self::Anthropic(endpoint) => endpoint.route(),
            Self::Vllm(endpoint) => endpoint.route(),
            Self::Responses(endpoint) => endpoint.route(),
            Self::ChainBackend(endpoint) => endpoint.route(),
            Self::AgentConnector(endpoint) => endpoint.route(),
            Self::AgentWorkflows(endpoint) => endpoint.route(),
            Self::PromptService(endpoint) => endpoint.route(),
            Self::Observability(endpoint) => endpoint.route(),
            Self::Status(endpoint) => endpoint.route(),
            Self::OpenApi(endpoint) => endpoint.route(),
            Self::Unknown => Route::get("unknown", Dialect::OpenAiOrAnthropic),
        }
    }
}

/// Answers one request. What is not on the hot path is boxed: its futures would make that of every request larger.
pub(crate) async fn answer(call: &mut Call) -> Result<Response, Problem> {
    match call.endpoint {
        Endpoint::OpenAi(endpoint) => endpoint.answer(call).await,
        Endpoint::Anthropic(endpoint) => endpoint.answer(call).await,
        Endpoint::Vllm(endpoint) => Box::pin(endpoint.answer(call)).await,
        Endpoint::Responses(endpoint) => Box::pin(endpoint.answer(call)).await,
        Endpoint::ChainBackend(endpoint) => Box::pin(endpoint.answer(call)).await,
        Endpoint::AgentConnector(endpoint) => Box::pin(endpoint.answer(call)).await,
        Endpoint::AgentWorkflows(endpoint) => Box::pin(endpoint.answer(call)).await,
        Endpoint::PromptService(endpoint) => Box::pin(endpoint.answer(call)).await,
        Endpoint::Observability(endpoint) => Box::pin(endpoint.answer(call)).await,
        Endpoint::Status(endpoint) => endpoint.answer(call),
        Endpoint::OpenApi(endpoint) => endpoint.answer(call),
        Endpoint::Unknown => Err(Problem::no_such_path(&call.parts)),
    }
}
