//! The endpoints of the observed workflow service.

use axum::response::Response;

use super::{execute, report, state::Observability};
use weir_server::{Api, Description, Problem, RequestContext, Route, plain_dialect};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Execute,
    QueueStats,
    Metrics,
    Errors,
}

impl Api for Observability {
    type Endpoint = Endpoint;

    const ENDPOINTS: &'static [Endpoint] =
        &[Endpoint::Execute, Endpoint::QueueStats, Endpoint::Metrics, Endpoint::Errors];
    const DESCRIPTION: Description =
        Description { operations: include_str!("operations.toml"), schemas: include_str!("schemas.json") };

    fn route(endpoint: Endpoint) -> Route {
        match endpoint {
            Endpoint::Execute => Route::post("/api/v1/workflows/execute", plain_dialect),
            Endpoint::QueueStats => Route::get("/api/v1/observability/queue-stats", plain_dialect),
            Endpoint::Metrics => Route::get("/api/v1/observability/metrics", plain_dialect),
            Endpoint::Errors => Route::get("/api/v1/observability/errors", plain_dialect),
        }
    }

    async fn answer(&self, endpoint: Endpoint, call: &mut RequestContext) -> Result<Response, Problem> {
        match endpoint {
            Endpoint::Execute => Box::pin(execute::execute(self, call)).await,
            Endpoint::QueueStats => Ok(report::queue_stats(self, &call.server)),
            Endpoint::Metrics => Ok(report::metrics(self, &call.server)),
            Endpoint::Errors => Ok(report::errors(self)),
        }
    }
}
