//! What vLLM's server offers beside OpenAI's API.

use axum::response::Response;
use serde_json::json;

use super::{detokenize::detokenize, tokenize::tokenize};
use crate::api::{Call, Description, Problem, Route, call::json_answer, openai};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Tokenize,
    Detokenize,
    Version,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 3] = [Self::Tokenize, Self::Detokenize, Self::Version];
    pub(crate) const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::Tokenize => Route::post("/tokenize", openai::dialect),
            Self::Detokenize => Route::post("/detokenize", openai::dialect),
            Self::Version => Route::get("/version", openai::dialect),
        }
    }

    pub(in crate::api) async fn answer(self, call: &mut Call) -> Result<Response, Problem> {
        match self {
            Self::Tokenize => Box::pin(tokenize(call)).await,
            Self::Detokenize => Box::pin(detokenize(call)).await,
            Self::Version => Ok(json_answer(&json!({"version": env!("CARGO_PKG_VERSION")}))),
        }
    }
}
