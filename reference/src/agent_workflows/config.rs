//! Settings of the agent-workflows reference system.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use weir_pace::Latency;
use weir_server::{
    BackendSettings, ConfigError, Secret, Span, Variable, invalid_setting, named_secret, required,
    value::{put, span},
};

/// The settings of the agent-workflows reference system: access, and the delays of its agents.
#[derive(Clone, Debug)]
pub struct AgentWorkflowsConfig {
    /// The model of its agents, independent of the model in requests.
    pub model: String,
    /// The duration of one tool call.
    pub tool_time: Latency,
    /// The lifetime of a token, in whole seconds.
    pub token_lifetime: Duration,
    /// The secret that signs tokens; `None`: a random one per process.
    pub token_secret: Option<Secret>,
    /// Keys that are accepted instead of a token.
    pub api_keys: Vec<Secret>,
    /// The password of each user; empty: any user and password are accepted.
    pub passwords: BTreeMap<String, Secret>,
    /// The chains that are offered as workflows.
    pub workflows: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawAgentWorkflows {
    model: Option<String>,
    tool_time: Option<Latency>,
    token_lifetime: Option<Span>,
    token_secret: Option<Secret>,
    token_secret_env: Option<String>,
    api_keys: Option<Vec<Secret>>,
    passwords: BTreeMap<String, Secret>,
    workflows: Option<Vec<String>>,
}

impl BackendSettings for RawAgentWorkflows {
    type Checked = AgentWorkflowsConfig;

    const VARIABLES: &'static [Variable<Self>] = &[
        ("WEIR_AGENT_WORKFLOWS_MODEL", |raw, text| put(&mut raw.model, Ok(text.to_owned()))),
        ("WEIR_AGENT_WORKFLOWS_TOKEN_LIFETIME", |raw, text| put(&mut raw.token_lifetime, span(text))),
    ];

    fn over(self, below: Self) -> Self {
        // Together, so that a file's secret does not conflict with the variable that another file names.
        let (token_secret, token_secret_env) = match (&self.token_secret, &self.token_secret_env) {
            (None, None) => (below.token_secret, below.token_secret_env),
            _ => (self.token_secret, self.token_secret_env),
        };
        Self {
            model: self.model.or(below.model),
            tool_time: self.tool_time.or(below.tool_time),
            token_lifetime: self.token_lifetime.or(below.token_lifetime),
            token_secret,
            token_secret_env,
            api_keys: self.api_keys.or(below.api_keys),
            passwords: below.passwords.into_iter().chain(self.passwords).collect(),
            workflows: self.workflows.or(below.workflows),
        }
    }

    fn check(self) -> Result<AgentWorkflowsConfig, ConfigError> {
        Ok(AgentWorkflowsConfig {
            model: required("agent_workflows.model", self.model)?,
            tool_time: required("agent_workflows.tool_time", self.tool_time)?,
            token_lifetime: lifetime(self.token_lifetime)?,
            token_secret: named_secret(
                "agent_workflows",
                ["token_secret", "token_secret_env"],
                self.token_secret,
                self.token_secret_env,
            )?,
            api_keys: api_keys(required("agent_workflows.api_keys", self.api_keys)?)?,
            passwords: self.passwords,
            workflows: required("agent_workflows.workflows", self.workflows)?,
        })
    }
}

fn api_keys(keys: Vec<Secret>) -> Result<Vec<Secret>, ConfigError> {
    match keys.iter().any(|key| key.reveal().trim().is_empty()) {
        true => Err(invalid_setting("agent_workflows.api_keys", "has an empty key")),
        false => Ok(keys),
    }
}

fn lifetime(span: Option<Span>) -> Result<Duration, ConfigError> {
    const KEY: &str = "agent_workflows.token_lifetime";
    let lifetime = required(KEY, span)?.0;
    if lifetime.is_zero() || lifetime.subsec_nanos() != 0 {
        let message =
            format!("expected whole seconds, as tokens store them, and at least one; found {lifetime:?}");
        return Err(invalid_setting(KEY, message));
    }
    Ok(lifetime)
}

#[cfg(test)]
mod tests {
    use crate::testing::rejection;
    use insta::assert_snapshot;

    #[test]
    fn check_invalid_settings_names_key_and_value() {
        assert_snapshot!(rejection("[agent_workflows]\ntoken_lifetime = '1500ms'"), @"weir.toml:2: agent_workflows.token_lifetime: expected whole seconds, as tokens store them, and at least one; found 1.5s");
        assert_snapshot!(rejection("[agent_workflows]\napi_keys = ['']"), @"weir.toml:2: agent_workflows.api_keys: has an empty key");
        assert_snapshot!(rejection("[agent_workflows]\ntoken_secret = 'a'\ntoken_secret_env = 'A'"), @"weir.toml:1: agent_workflows: has both token_secret and token_secret_env: expected one of them");
    }
}
