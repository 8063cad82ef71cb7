//! The prompt analysis service.

use std::sync::Arc;

use weir_server::{Backend, ServerContext, StartError};

use super::{
    cache::Cache,
    config::{PromptServiceConfig, RawPromptService},
    keys::Keys,
};

/// The prompt analysis service. Its state is bounded: the keys by the settings, the cache by its size.
#[derive(Debug)]
pub struct PromptService {
    pub(super) settings: Arc<PromptServiceConfig>,
    pub(super) keys: Keys,
    pub(super) cache: Cache,
}

impl Backend for PromptService {
    const NAME: &'static str = "prompt_service";

    type Settings = RawPromptService;

    fn start(settings: Arc<PromptServiceConfig>, server: &Arc<ServerContext>) -> Result<Self, StartError> {
        for (name, model) in &settings.providers {
            server
                .require_model(&format!("prompt_service.providers.{}", weir_pace::quote_key(name)), model)?;
        }
        let cache = Cache::new(settings.cache_size);
        server.metrics.register("prompt_service", |registry| cache.register(registry));
        Ok(Self { keys: Keys::new(&settings.keys), cache, settings })
    }
}
