//! What vLLM's server offers beside OpenAI's API.

mod detokenize;
mod endpoint;
mod tokenize;

use std::sync::Arc;

use weir_model::Profile;

pub(crate) use self::endpoint::Vllm;
use crate::{api::generation, context::ServerContext, request::Problem};

/// The profile of that name, or the default one's where a request names none.
fn profile<'a>(server: &'a ServerContext, model: Option<&str>) -> Result<&'a Arc<Profile>, Problem> {
    generation::profile(server, Some(model.unwrap_or(&server.config.models.default)))
}
