//! The API of vLLM's server besides OpenAI's.

mod detokenize;
mod endpoint;
mod tokenize;

pub(crate) use self::endpoint::Vllm;
