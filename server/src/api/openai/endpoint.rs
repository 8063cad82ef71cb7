//! What OpenAI's API offers.

use axum::response::Response;

use super::{chat::chat, models::models};
use crate::api::{Call, Dialect, Problem, Route};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    ChatCompletions,
    Models,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 2] = [Self::ChatCompletions, Self::Models];

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::ChatCompletions => Route::post("/v1/chat/completions", Dialect::OpenAi).guarded(),
            Self::Models => Route::get("/v1/models", Dialect::OpenAi),
        }
    }

    pub(in crate::api) async fn answer(self, call: &mut Call) -> Result<Response, Problem> {
        match self {
            Self::ChatCompletions => chat(call).await,
            Self::Models => models(call),
        }
    }
}
