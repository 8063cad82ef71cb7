//! What can be asked of the Responses API.

use axum::response::Response;

use super::{compact, create, input_items, retrieve};
use crate::api::{Call, Dialect, Problem, Route};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Create,
    Compact,
    InputTokens,
    Retrieve,
    Delete,
    Cancel,
    InputItems,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 7] = [
        Self::Create,
        Self::Compact,
        Self::InputTokens,
        Self::Retrieve,
        Self::Delete,
        Self::Cancel,
        Self::InputItems,
    ];

    pub(crate) const fn route(self) -> Route {
        let route = match self {
            Self::Create => Route::post("/v1/responses", Dialect::OpenAi),
            Self::Compact => Route::post("/v1/responses/compact", Dialect::OpenAi),
            Self::InputTokens => Route::post("/v1/responses/input_tokens", Dialect::OpenAi),
            Self::Retrieve => Route::get("/v1/responses/{id}", Dialect::OpenAi),
            Self::Delete => Route::delete("/v1/responses/{id}", Dialect::OpenAi),
            Self::Cancel => Route::post("/v1/responses/{id}/cancel", Dialect::OpenAi),
            Self::InputItems => Route::get("/v1/responses/{id}/input_items", Dialect::OpenAi),
        };
        route.guarded()
    }

    pub(in crate::api) async fn answer(self, call: &mut Call) -> Result<Response, Problem> {
        match self {
            Self::Create => create::create(call).await,
            Self::Compact => compact::compact(call).await,
            Self::InputTokens => create::input_tokens(call).await,
            Self::Retrieve => retrieve::retrieve(call).await,
            Self::Delete => retrieve::delete(call).await,
            Self::Cancel => retrieve::cancel(call).await,
            Self::InputItems => input_items::input_items(call).await,
        }
    }
}
