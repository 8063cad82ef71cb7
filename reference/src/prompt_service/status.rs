//! Health and offers of the service.

use axum::response::Response;
use serde_json::json;

use super::state::PromptService;
use weir_server::json_answer;

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
