//! What the observed workflow service offers.

use axum::response::Response;

use super::{execute, report};
use crate::api::{Call, Description, Problem, Route, reference::chain_backend::dialect};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Execute,
    QueueStats,
    Metrics,
    Errors,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 4] = [Self::Execute, Self::QueueStats, Self::Metrics, Self::Errors];
    pub(crate) const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    pub(crate) const fn route(self) -> Route {
        match self {
            Self::Execute => Route::post("/api/v1/workflows/execute", dialect),
            Self::QueueStats => Route::get("/api/v1/observability/queue-stats", dialect),
            Self::Metrics => Route::get("/api/v1/observability/metrics", dialect),
            Self::Errors => Route::get("/api/v1/observability/errors", dialect),
        }
    }

    pub(in crate::api) async fn answer(self, call: &mut Call) -> Result<Response, Problem> {
        match self {
            Self::Execute => Box::pin(execute::execute(call)).await,
            Self::QueueStats => Ok(report::queue_stats(&call.app)),
            Self::Metrics => Ok(report::metrics(&call.app)),
            Self::Errors => Ok(report::errors(&call.app)),
        }
    }
}
