//! The LLM APIs, a folder each, and the server's own endpoints. Each decodes a request, calls the model, and encodes the
//! answer.

mod anthropic;
mod content_hash;
mod generation;
mod openai;
mod openapi;
mod prompt_parts;
mod status;
mod vllm;

use std::sync::Arc;

use crate::{backend::Mount, config::Config};

pub(crate) use content_hash::{content_hash, for_each_member};
pub(crate) use openai::dialect_of_shared as shared_dialect;
pub(crate) use openapi::{ApiDescription, EndpointStreams, OpenApi};
pub(crate) use status::Status;

/// Mounts all LLM APIs.
pub(crate) fn mount(config: &Config, endpoints: &mut impl Mount) {
    endpoints.mount(Arc::new(openai::OpenAi::new(&config.responses)));
    endpoints.mount(Arc::new(anthropic::Anthropic::default()));
    endpoints.mount(Arc::new(vllm::Vllm));
}
