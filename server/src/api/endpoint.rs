//! All that can be asked, API by API.

use axum::response::Response;

use super::{
    Call, Description, Problem, Route, anthropic, openai, openapi,
    problem::Kind,
    reference::{agent_connector, agent_workflows, chain_backend, observability, prompt_service},
    status, vllm,
};

/// Makes one enum of those of these folders: each lists its endpoints (`ALL`) and describes them, and they know their
/// routes and answers. What is not on the hot path they box: its futures would make that of every request larger.
macro_rules! served {
    ($($api:ident: $folder:ident,)*) => {
        /// What can be asked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Endpoint {
            $($api($folder::Endpoint),)*
            /// A path that is none of these.
            Unknown,
        }

        impl Endpoint {
            /// What is said of them all.
            pub(crate) const DESCRIPTIONS: &[Description] = &[$($folder::Endpoint::DESCRIPTION),*];

            /// All that have a path.
            pub(crate) fn all() -> impl Iterator<Item = Self> {
                std::iter::empty()$(.chain($folder::Endpoint::ALL.into_iter().map(Self::$api)))*
            }

            pub(crate) const fn route(self) -> Route {
                match self {
                    $(Self::$api(endpoint) => endpoint.route(),)*
                    Self::Unknown => Route::get("unknown", openai::dialect_of_shared),
                }
            }

            async fn answered(self, call: &mut Call) -> Result<Response, Problem> {
                match self {
                    $(Self::$api(endpoint) => endpoint.answer(call).await,)*
                    Self::Unknown => Err(Problem::no_such_path(&call.parts)),
                }
            }
        }
    };
}

served! {
    OpenAi: openai,
    Anthropic: anthropic,
    Vllm: vllm,
    ChainBackend: chain_backend,
    AgentConnector: agent_connector,
    AgentWorkflows: agent_workflows,
    PromptService: prompt_service,
    Observability: observability,
    Status: status,
    OpenApi: openapi,
}

/// Answers one request.
pub(crate) async fn answer(call: &mut Call) -> Result<Response, Problem> {
    let (endpoint, method) = (call.endpoint, &call.parts.method);
    if endpoint != Endpoint::Unknown && !endpoint.route().methods.have(method) {
        let message = format!("the method {method} is not allowed on {}", call.parts.uri.path());
        return Err(Problem::new(Kind::MethodNotAllowed, message));
    }
    endpoint.answered(call).await
}
