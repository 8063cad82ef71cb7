//! Settings of the agent connector.

use std::path::PathBuf;

use serde::Deserialize;
use weir_server::{BackendSettings, ConfigError, invalid_setting, required};

/// Maximum number of failover models: each has counters for every agent.
const MODELS_MAX: usize = 8;

/// The settings of the agent connector.
#[derive(Clone, Debug)]
pub struct AgentConnectorConfig {
    /// What happens when an agent's id is registered again.
    pub duplicates: Duplicates,
    /// The models that write SQL, at least one, in the order of failover.
    pub models: Vec<String>,
    /// The folder of load test results.
    pub results_folder: PathBuf,
    /// The folder of baselines; created with the first one.
    pub baselines_folder: PathBuf,
}

/// What happens when an agent's id is registered again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// The new registration replaces the old one.
    Replace,
    /// 409.
    Conflict,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawAgentConnector {
    duplicates: Option<Duplicates>,
    models: Option<Vec<String>>,
    results_folder: Option<PathBuf>,
    baselines_folder: Option<PathBuf>,
}

impl BackendSettings for RawAgentConnector {
    type Checked = AgentConnectorConfig;

    fn over(self, below: Self) -> Self {
        Self {
            duplicates: self.duplicates.or(below.duplicates),
            models: self.models.or(below.models),
            results_folder: self.results_folder.or(below.results_folder),
            baselines_folder: self.baselines_folder.or(below.baselines_folder),
        }
    }

    fn check(self) -> Result<AgentConnectorConfig, ConfigError> {
        let results_folder = folder("agent_connector.results_folder", self.results_folder)?;
        let baselines_folder = folder("agent_connector.baselines_folder", self.baselines_folder)?;
        if results_folder == baselines_folder {
            return Err(invalid_setting(
                "agent_connector.baselines_folder",
                format!("must differ from results_folder ({})", results_folder.display()),
            ));
        }
        Ok(AgentConnectorConfig {
            duplicates: required("agent_connector.duplicates", self.duplicates)?,
            models: models(required("agent_connector.models", self.models)?)?,
            results_folder,
            baselines_folder,
        })
    }
}

fn folder(key: &str, path: Option<PathBuf>) -> Result<PathBuf, ConfigError> {
    let path = required(key, path)?;
    if path.as_os_str().is_empty() {
        return Err(invalid_setting(key, "is empty: expected the path of a folder"));
    }
    Ok(path)
}

fn models(models: Vec<String>) -> Result<Vec<String>, ConfigError> {
    if models.is_empty() || models.len() > MODELS_MAX {
        let count = models.len();
        let message = format!("expected from 1 to {MODELS_MAX} names, found {count}");
        return Err(invalid_setting("agent_connector.models", message));
    }
    Ok(models)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::testing;

    fn checked(settings: &str) -> Result<Arc<AgentConnectorConfig>, ConfigError> {
        let config = testing::checked(&format!("[agent_connector]\n{settings}"))?;
        Ok(config.backends.get::<RawAgentConnector>("agent_connector").unwrap())
    }

    #[test]
    fn check_missing_keys_have_defaults() {
        let config = checked("duplicates = 'conflict'").unwrap();
        assert_eq!(config.duplicates, Duplicates::Conflict);
        assert_eq!(config.models, ["fast", "gpt-4o-mini"]);
        assert_eq!(config.results_folder, PathBuf::from("load-test-results"));
        assert_eq!(config.baselines_folder, PathBuf::from("load-test-baselines"));
    }

    #[test]
    fn check_invalid_settings_names_key_value_and_need() {
        let fault = |settings| checked(settings).unwrap_err().to_string();
        insta::assert_snapshot!(fault("duplicate = 'replace'"), @"weir.toml:2: agent_connector.duplicate: unknown key (did you mean `duplicates`?)");
        insta::assert_snapshot!(fault("duplicates = 'keep'"), @"weir.toml:2: agent_connector.duplicates: unknown value `keep`; expected one of `replace`, `conflict`");
        insta::assert_snapshot!(fault("models = []"), @"weir.toml:2: agent_connector.models: expected from 1 to 8 names, found 0");
        insta::assert_snapshot!(fault("results_folder = ''"), @"weir.toml:2: agent_connector.results_folder: is empty: expected the path of a folder");
        insta::assert_snapshot!(fault("results_folder = 'load-test-baselines'"), @"weir.toml:1: agent_connector.baselines_folder: must differ from results_folder (load-test-baselines)");
    }
}
