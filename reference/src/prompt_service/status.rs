//! Health and offers of the service.

use axum::response::Response;
use serde_json::json;

use super::state::PromptService;
use weir_server::{Problem, RequestContext, json_answer};

/// `GET /v1/health`.
pub(super) fn health() -> Response {
    json_answer(&json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

/// `GET /v1/analyze/providers`.
pub(super) fn providers(system: &PromptService) -> Response {
    let settings = &system.settings;
    let providers: Vec<_> = settings
        .providers
        .iter()
        .map(|(name, model)| json!({"name": name, "model": model, "available": true}))
        .collect();
    json_answer(&json!({"providers": providers, "default": settings.default_provider}))
}

/// `GET /v1/analyze/cache/stats`.
pub(super) fn cache_stats(system: &PromptService) -> Response {
    let stats = system.cache.stats();
    json_answer(&json!({
        "hits": stats.hits,
        "misses": stats.misses,
        "hit_rate": stats.hit_rate(),
        "entries": stats.entries,
        "size_bytes": stats.size,
    }))
}

/// `POST /v1/analyze/cache/clear`: removes all analyses, and sets the statistics to zero, between two tests.
pub(super) fn clear_cache(system: &PromptService, call: &RequestContext) -> Result<Response, Problem> {
    call.require_loopback()?;
    let cleared = system.cache.clear();
    Ok(json_answer(&json!({"status": "ok", "cleared": cleared})))
}

/// `POST /v1/analyze/limits/reset`: gives every key its whole hourly limit again.
pub(super) fn reset_limits(system: &PromptService, call: &RequestContext) -> Result<Response, Problem> {
    call.require_loopback()?;
    let keys = system.keys.reset();
    Ok(json_answer(&json!({"status": "ok", "keys": keys})))
}
