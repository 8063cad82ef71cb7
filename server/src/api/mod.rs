//! The dialects. Each decodes a request, asks the model or the chains, and encodes what they say.

mod call;
mod chain_backend;
mod dialect;
mod held;
mod json;
mod openai;
mod problem;
mod status;

pub(crate) use call::{Call, Trailers};
pub(crate) use dialect::{Dialect, tell_rate};
pub(crate) use held::Held;
pub(crate) use problem::{Problem, method_not_allowed};

use axum::response::Response;

use crate::app::Endpoint;

/// Answers one request.
pub(crate) async fn answer(call: &mut Call) -> Result<Response, Problem> {
    match call.endpoint {
        Endpoint::ChatCompletions => openai::chat(call).await,
        Endpoint::Models => openai::models(call),
        Endpoint::Chain => chain_backend::run(call).await,
        Endpoint::ChainStream => chain_backend::stream(call).await,
        Endpoint::Connector => chain_backend::connector(call).await,
        Endpoint::ConnectorStream => chain_backend::connector_stream(call).await,
        Endpoint::Health => status::health(call),
        Endpoint::Metrics => status::metrics(call),
        Endpoint::Unknown => Err(Problem::no_such_path(&call.parts)),
    }
}
