//! The dialects. Each decodes a request, asks the model or the chains, and encodes what they say.

mod anthropic;
#[cfg(test)]
mod any_body;
mod call;
mod dialect;
mod endpoint;
mod generation;
mod held;
mod json;
pub(crate) mod openai;
mod openapi;
mod problem;
pub(crate) mod reference;
mod route;
mod status;
mod vllm;

pub(crate) use anthropic::PrefixTable;
pub(crate) use call::{Call, Trailers};
pub(crate) use dialect::Dialect;
pub(crate) use endpoint::{Endpoint, answer};
pub(crate) use held::Held;
pub(crate) use openai::State as OpenAi;
pub(crate) use openapi::Description;
pub(crate) use problem::Problem;
pub(crate) use reference::agent_connector::State as AgentConnector;
pub(crate) use route::{Door, Methods, Route};
