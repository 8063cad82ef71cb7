//! The API of vLLM's server besides OpenAI's.

mod detokenize;
mod endpoint;
mod tokenize;

use std::sync::Arc;

use weir_model::Profile;

pub(crate) use self::endpoint::Vllm;
use crate::{api::generation, context::ServerContext, request::Problem};

/// Returns the profile of that name, or the default one if a request has no name.
fn profile<'a>(server: &'a ServerContext, model: Option<&str>) -> Result<&'a Arc<Profile>, Problem> {
    generation::profile(server, Some(model.unwrap_or(&server.config.models.default)))
}
