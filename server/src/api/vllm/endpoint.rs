//! What vLLM's server offers beside OpenAI's API.

use axum::response::Response;
use serde_json::json;

use super::{detokenize::detokenize, tokenize::tokenize};
use crate::api::{Call, Dialect, Problem, Route, call::json_answer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Tokenize,
    Detokenize,
    Version,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 3] = [Self::Tokenize, Self::Detokenize, Self::Version];

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::Tokenize => Route::post("/tokenize", Dialect::OpenAi),
            Self::Detokenize => Route::post("/detokenize", Dialect::OpenAi),
            Self::Version => Route::get("/version", Dialect::OpenAi),
        }
    }

    pub(in crate::api) async fn answer(self, call: &mut Call) -> Result<Response, Problem> {
        match self {
            Self::Tokenize => tokenize(call).await,
            Self::Detokenize => detokenize(call).await,
            Self::Version => Ok(json_answer(&json!({"version": env!("CARGO_PKG_VERSION")}))),
        }
    }
}
