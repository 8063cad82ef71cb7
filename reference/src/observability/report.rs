//! Statistics of the service.

use axum::response::Response;
use serde_json::json;

use super::config::{Switch, Switches};
use super::state::Observability;
use weir_server::{ServerContext, json_answer};

/// `GET /api/v1/observability/queue-stats`.
pub(super) fn queue_stats(system: &Observability, server: &ServerContext) -> Response {
    let mut statistics = system.statistics();
    let stats = statistics.queue.stats(server.clock.now());
    drop(statistics);
    json_answer(&json!({
        "depth": stats.depth,
        "capacity": stats.capacity,
        "batchSize": stats.batch_size,
        "batches": stats.batches,
        "exported": stats.exported,
        "dropped": stats.dropped,
    }))
}

/// `GET /api/v1/observability/metrics`.
pub(super) fn metrics(system: &Observability, server: &ServerContext) -> Response {
    let mut statistics = system.statistics();
    let queue = statistics.queue.stats(server.clock.now());
    let counts = statistics.counts;
    drop(statistics);
    json_answer(&json!({
        "runs": {"total": counts.completed + counts.failed, "completed": counts.completed,
                 "failed": counts.failed, "watched": counts.watched},
        "traces": {"exported": counts.traces_sent + queue.exported, "waiting": queue.depth,
                   "dropped": queue.dropped},
        "modelCosts": {"runs": counts.priced, "totalUsd": counts.cost_usd},
        "similarity": {"logs": counts.similarity_logs, "mean": counts.mean_similarity()},
        "overheadMs": {"total": counts.overhead.as_secs_f64() * 1e3,
                       "mean": counts.mean_overhead().as_secs_f64() * 1e3},
        "flags": flags(system.settings.switches),
    }))
}

fn flags(switches: Switches) -> serde_json::Value {
    let on = |switch| switch == Switch::On;
    json!({
        "ENABLE_LANGFUSE_EXPORT": on(switches.langfuse_export),
        "ENABLE_ASYNC_TRACE_EXPORT": on(switches.async_trace_export),
        "TRACK_MODEL_COSTS": on(switches.model_costs),
        "ENABLE_SIMILARITY_LOGGING": on(switches.similarity_logging),
    })
}

/// `GET /api/v1/observability/errors`.
pub(super) fn errors(system: &Observability) -> Response {
    let statistics = system.statistics();
    let recent: Vec<_> = statistics
        .recent_errors
        .recent()
        .map(|fault| {
            let (at, kind) = (fault.at.as_millis() as u64, fault.kind.as_str());
            json!({"timestampMs": at, "kind": kind, "message": fault.message})
        })
        .collect();
    let total = statistics.recent_errors.total();
    drop(statistics);
    json_answer(&json!({"errors": recent, "total": total}))
}
