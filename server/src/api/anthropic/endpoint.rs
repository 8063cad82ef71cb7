//! Endpoints of Anthropic's API, apart from the models, whose path is OpenAI's as well.

use axum::response::Response;

use std::sync::Arc;

use super::{cache::PrefixTable, count_tokens::count_tokens, dialect::dialect, messages::messages};
use crate::{
    backend::{Api, Description},
    request::{Origins, Problem, RequestContext, Route},
};

/// The API of Anthropic, with its prompt cache.
#[derive(Debug, Default)]
pub(crate) struct Anthropic {
    prefixes: Arc<PrefixTable>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Messages,
    CountTokens,
}

impl Api for Anthropic {
    type Endpoint = Endpoint;

    const ENDPOINTS: &'static [Endpoint] = &[Endpoint::Messages, Endpoint::CountTokens];
    const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    const ORIGINS: Origins = Origins::Configured;

    fn route(endpoint: Endpoint) -> Route {
        match endpoint {
            Endpoint::Messages => Route::post("/v1/messages", dialect).rate_limited(),
            Endpoint::CountTokens => Route::post("/v1/messages/count_tokens", dialect).rate_limited(),
        }
    }

    async fn answer(&self, endpoint: Endpoint, call: &mut RequestContext) -> Result<Response, Problem> {
        match endpoint {
            Endpoint::Messages => messages(call, &self.prefixes).await,
            Endpoint::CountTokens => Box::pin(count_tokens(call)).await,
        }
    }
}
