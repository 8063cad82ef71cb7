//! Settings of the agent-workflows reference system.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use weir_pace::Latency;

use super::{
    ConfigError, Secret,
    check::{bad, given, named_secret},
    raw::Span,
};

/// The agent-workflows reference system: who may ask, and what its agents take.
#[derive(Clone, Debug)]
pub struct AgentWorkflowsConfig {
    /// The model that its agents ask, whatever model a request names.
    pub model: String,
    /// How long one call of a tool takes.
    pub tool_time: Latency,
    /// How long a token is good for, in whole seconds.
    pub token_lifetime: Duration,
    /// What tokens are signed with; without it a secret that ends with the process.
    pub token_secret: Option<Secret>,
    /// Keys that are as good as a token.
    pub api_keys: Vec<Secret>,
    /// The password of each user; empty: any user, any password.
    pub passwords: BTreeMap<String, Secret>,
    /// The chains that are offered as workflows.
    pub workflows: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawAgentWorkflows {
    pub(super) model: Option<String>,
    pub(super) tool_time: Option<Latency>,
    pub(super) token_lifetime: Option<Span>,
    pub(super) token_secret: Option<Secret>,
    pub(super) token_secret_env: Option<String>,
    pub(super) api_keys: Option<Vec<Secret>>,
    pub(super) passwords: BTreeMap<String, Secret>,
    pub(super) workflows: Option<Vec<String>>,
}

impl RawAgentWorkflows {
    pub(super) fn over(self, below: Self) -> Self {
        // Together, or a file's secret would meet the variable that another file names.
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

    pub(super) fn checked(self) -> Result<AgentWorkflowsConfig, ConfigError> {
        Ok(AgentWorkflowsConfig {
            model: given("agent_workflows.model", self.model)?,
            tool_time: given("agent_workflows.tool_time", self.tool_time)?,
            token_lifetime: lifetime(self.token_lifetime)?,
            token_secret: named_secret(
                "agent_workflows",
                ["token_secret", "token_secret_env"],
                self.token_secret,
                self.token_secret_env,
            )?,
            api_keys: api_keys(given("agent_workflows.api_keys", self.api_keys)?)?,
            passwords: self.passwords,
            workflows: given("agent_workflows.workflows", self.workflows)?,
        })
    }
}

fn api_keys(keys: Vec<Secret>) -> Result<Vec<Secret>, ConfigError> {
    match keys.iter().any(|key| key.reveal().trim().is_empty()) {
        true => Err(bad("agent_workflows.api_keys", "has an empty key")),
        false => Ok(keys),
    }
}

fn lifetime(span: Option<Span>) -> Result<Duration, ConfigError> {
    const KEY: &str = "agent_workflows.token_lifetime";
    let lifetime = given(KEY, span)?.0;
    if lifetime.is_zero() || lifetime.subsec_nanos() != 0 {
        let message =
            format!("is {lifetime:?}: whole seconds are needed, as tokens hold them, and at least one");
        return Err(bad(KEY, message));
    }
    Ok(lifetime)
}
