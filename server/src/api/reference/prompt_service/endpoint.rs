//! What the prompt analysis service offers.

use axum::response::Response;

use super::{analyze, dialect::dialect, status};
use crate::api::{Call, Description, Problem, Route};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Health,
    Analyze,
    Providers,
    CacheStats,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 4] = [Self::Health, Self::Analyze, Self::Providers, Self::CacheStats];
    pub(crate) const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::Health => Route::get("/v1/health", dialect),
            Self::Analyze => Route::post("/v1/analyze/", dialect),
            Self::Providers => Route::get("/v1/analyze/providers", dialect),
            Self::CacheStats => Route::get("/v1/analyze/cache/stats", dialect),
        }
    }

    pub(in crate::api) async fn answer(self, call: &mut Call) -> Result<Response, Problem> {
        match self {
            Self::Health => Ok(status::health()),
            Self::Analyze => Box::pin(analyze::analyze(call)).await,
            Self::Providers => Ok(status::providers(&call.app)),
            Self::CacheStats => Ok(status::cache_stats(&call.app)),
        }
    }
}
