//! What OpenAI's API offers.

use axum::response::Response;

use super::{
    chat::chat,
    embeddings::embeddings,
    models::{delete, list, retrieve},
};
use crate::api::{Call, Dialect, Problem, Route};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    ChatCompletions,
    Embeddings,
    Models,
    Model,
    DeleteModel,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 5] =
        [Self::ChatCompletions, Self::Embeddings, Self::Models, Self::Model, Self::DeleteModel];

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::ChatCompletions => Route::post("/v1/chat/completions", Dialect::OpenAi).guarded(),
            Self::Embeddings => Route::post("/v1/embeddings", Dialect::OpenAi).guarded(),
            Self::Models => Route::get("/v1/models", Dialect::OpenAiOrAnthropic),
            // The names of open models have slashes.
            Self::Model => Route::get("/v1/models/{*model}", Dialect::OpenAiOrAnthropic),
            Self::DeleteModel => Route::delete("/v1/models/{*model}", Dialect::OpenAi),
        }
    }

    pub(in crate::api) async fn answer(self, call: &mut Call) -> Result<Response, Problem> {
        match self {
            Self::ChatCompletions => chat(call).await,
            Self::Embeddings => Box::pin(embeddings(call)).await,
            Self::Models => Box::pin(list(call)).await,
            Self::Model => Box::pin(retrieve(call)).await,
            Self::DeleteModel => Box::pin(delete(call)).await,
        }
    }
}
