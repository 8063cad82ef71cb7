//! What vLLM's server offers beside OpenAI's API.

mod detokenize;
mod endpoint;
mod tokenize;

use std::sync::Arc;

use weir_model::Profile;

pub(crate) use self::endpoint::Endpoint;
use crate::{
    api::{Problem, generation},
    app::App,
};

/// The profile of that name, or the default one's where a request names none.
fn profile<'a>(app: &'a App, model: Option<&str>) -> Result<&'a Arc<Profile>, Problem> {
    generation::profile(app, Some(model.unwrap_or(&app.config.models.default)))
}
