//! Endpoints of vLLM's server besides OpenAI's API.

use axum::response::Response;
use serde_json::json;

use super::{detokenize::detokenize, tokenize::tokenize};
use crate::{
    api::openai,
    backend::{Api, Description},
    request::{Origins, Problem, RequestContext, Route, json_answer},
};

/// The API of vLLM's server besides OpenAI's.
#[derive(Debug)]
pub(crate) struct Vllm;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Tokenize,
    Detokenize,
    Version,
}

impl Api for Vllm {
    type Endpoint = Endpoint;

    const ENDPOINTS: &'static [Endpoint] = &[Endpoint::Tokenize, Endpoint::Detokenize, Endpoint::Version];
    const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    const ORIGINS: Origins = Origins::Configured;

    fn route(endpoint: Endpoint) -> Route {
        match endpoint {
            Endpoint::Tokenize => Route::post("/tokenize", openai::dialect),
            Endpoint::Detokenize => Route::post("/detokenize", openai::dialect),
            Endpoint::Version => Route::get("/version", openai::dialect),
        }
    }

    async fn answer(&self, endpoint: Endpoint, call: &mut RequestContext) -> Result<Response, Problem> {
        match endpoint {
            Endpoint::Tokenize => Box::pin(tokenize(call)).await,
            Endpoint::Detokenize => Box::pin(detokenize(call)).await,
            Endpoint::Version => Ok(json_answer(&json!({"version": env!("CARGO_PKG_VERSION")}))),
        }
    }
}
