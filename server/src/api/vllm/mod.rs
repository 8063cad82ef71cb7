//! What vLLM's server offers beside OpenAI's API.

mod detokenize;
mod endpoint;
mod tokenize;

pub(crate) use endpoint::Endpoint;
