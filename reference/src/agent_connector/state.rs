//! The agent connector.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use weir_server::{Backend, ServerContext, StartError};

use super::{
    agents::{AGENTS_MAX, Agents},
    baseline::Store,
    config::{AgentConnectorConfig, RawAgentConnector},
    usage::Usage,
};

/// The agent connector: registered agents, their queries, baselines of load tests.
#[derive(Debug)]
pub struct AgentConnector {
    pub(super) agents: Agents,
    pub(super) baselines: Store,
    /// The models that write SQL, in the order of failover.
    pub(super) models: Vec<Arc<str>>,
    /// The usage of all agents, including removed ones.
    usage: Mutex<Usage>,
}

impl AgentConnector {
    /// Returns the usage of all agents together.
    pub(super) fn usage(&self) -> MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for AgentConnector {
    const NAME: &'static str = "agent_connector";

    type Settings = RawAgentConnector;

    fn start(settings: Arc<AgentConnectorConfig>, server: &Arc<ServerContext>) -> Result<Self, StartError> {
        for (index, model) in settings.models.iter().enumerate() {
            server.require_model(&format!("agent_connector.models[{index}]"), model)?;
        }
        Ok(Self {
            agents: Agents::new(server.config.seed, settings.duplicates, AGENTS_MAX),
            baselines: Store::new(&settings.results_folder, &settings.baselines_folder),
            models: settings.models.iter().map(|model| model.as_str().into()).collect(),
            usage: Mutex::default(),
        })
    }
}
