//! The dialects. Each decodes a request, asks the model or the chains, and encodes what they say.

mod call;
mod dialect;
mod endpoint;
mod generation;
mod held;
mod json;
pub(crate) mod openai;
mod problem;
pub(crate) mod reference;
mod route;
mod status;

pub(crate) use call::{Call, Trailers};
pub(crate) use dialect::{Dialect, tell_rate};
pub(crate) use endpoint::{Endpoint, answer};
pub(crate) use held::Held;
pub(crate) use problem::{Problem, method_not_allowed};
pub(crate) use reference::agent_connector::State as AgentConnector;
pub(crate) use route::{Door, Methods, Route};
