//! What the prompt analysis service keeps.

use super::{cache::Cache, keys::Keys};
use crate::config::Config;

/// What the prompt analysis service keeps: each bounded, the keys by the settings, the cache by its size.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) keys: Keys,
    pub(super) cache: Cache,
}

impl State {
    pub(crate) fn new(config: &Config) -> Self {
        let settings = &config.prompt_service;
        Self { keys: Keys::new(&settings.keys), cache: Cache::new(settings.cache_size) }
    }
}
