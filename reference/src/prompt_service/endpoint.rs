//! The endpoints of the prompt analysis service.

use axum::response::Response;

use super::{analyze, dialect::dialect, state::PromptService, status};
use weir_server::{Api, Description, Problem, RequestContext, Route};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Health,
    Analyze,
    Providers,
    CacheStats,
    ClearCache,
    ResetLimits,
}

impl Api for PromptService {
    type Endpoint = Endpoint;

    const ENDPOINTS: &'static [Endpoint] = &[
        Endpoint::Health,
        Endpoint::Analyze,
        Endpoint::Providers,
        Endpoint::CacheStats,
        Endpoint::ClearCache,
        Endpoint::ResetLimits,
    ];
    const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    fn route(endpoint: Endpoint) -> Route {
        match endpoint {
            Endpoint::Health => Route::get("/v1/health", dialect),
            Endpoint::Analyze => Route::post("/v1/analyze/", dialect),
            Endpoint::Providers => Route::get("/v1/analyze/providers", dialect),
            Endpoint::CacheStats => Route::get("/v1/analyze/cache/stats", dialect),
            Endpoint::ClearCache => Route::post("/v1/analyze/cache/clear", dialect),
            Endpoint::ResetLimits => Route::post("/v1/analyze/limits/reset", dialect),
        }
    }

    async fn answer(&self, endpoint: Endpoint, call: &mut RequestContext) -> Result<Response, Problem> {
        match endpoint {
            Endpoint::Health => Ok(status::health()),
            Endpoint::Analyze => Box::pin(analyze::analyze(self, call)).await,
            Endpoint::Providers => Ok(status::providers(self)),
            Endpoint::CacheStats => Ok(status::cache_stats(self)),
            Endpoint::ClearCache => status::clear_cache(self, call),
            Endpoint::ResetLimits => status::reset_limits(self, call),
        }
    }
}
