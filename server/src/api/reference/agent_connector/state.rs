//! What the agent connector remembers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use weir_pace::Seed;

use super::{
    agents::{AGENTS_MAX, Agents},
    baseline::Store,
    usage::Usage,
};
use crate::config::AgentConnectorConfig;

/// What the agent connector remembers.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) agents: Agents,
    pub(super) baselines: Store,
    /// The models that write SQL: where one refuses, the next is asked.
    pub(super) models: Vec<Arc<str>>,
    /// Of all agents, those that have gone as well.
    usage: Mutex<Usage>,
}

impl State {
    pub(crate) fn new(config: &AgentConnectorConfig, seed: Seed) -> Self {
        Self {
            agents: Agents::new(seed, config.duplicates, AGENTS_MAX),
            baselines: Store::new(&config.results_folder, &config.baselines_folder),
            models: config.models.iter().map(|model| model.as_str().into()).collect(),
            usage: Mutex::default(),
        }
    }

    /// What all agents have used together.
    pub(super) fn usage(&self) -> MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
