//! What Anthropic's API offers, apart from its models: their path is OpenAI's as well.

use axum::response::Response;

use super::{count_tokens::count_tokens, dialect::dialect, messages::messages};
use crate::api::{Call, Description, Problem, Route};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Messages,
    CountTokens,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 2] = [Self::Messages, Self::CountTokens];
    pub(crate) const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::Messages => Route::post("/v1/messages", dialect).guarded(),
            Self::CountTokens => Route::post("/v1/messages/count_tokens", dialect).guarded(),
        }
    }

    pub(in crate::api) async fn answer(self, call: &mut Call) -> Result<Response, Problem> {
        match self {
            Self::Messages => messages(call).await,
            Self::CountTokens => Box::pin(count_tokens(call)).await,
        }
    }
}
