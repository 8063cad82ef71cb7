//! The agent workflow system and its access control.

use std::{collections::HashSet, sync::Arc};

use http::{HeaderMap, header::AUTHORIZATION};
use weir_pace::Latency;
use weir_server::{Backend, Problem, ProblemKind, Secret, ServerContext, StartError};

use super::{
    config::{AgentWorkflowsConfig, RawAgentWorkflows},
    token::{TokenError, Tokens},
};

/// The agent workflow system: agents, and workflows of agents, for clients with a token or key.
#[derive(Debug)]
pub struct AgentWorkflows {
    pub(super) settings: Arc<AgentWorkflowsConfig>,
    pub(super) tokens: Tokens,
    /// The duration of one tool call, at the server's time scale.
    pub(super) tool_time: Latency,
    api_keys: HashSet<Secret>,
}

/// The operating system provides no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random bytes to sign tokens with: set agent_workflows.token_secret")]
struct NoTokenSecret;

impl Backend for AgentWorkflows {
    const NAME: &'static str = "agent_workflows";

    type Settings = RawAgentWorkflows;

    fn start(settings: Arc<AgentWorkflowsConfig>, server: &Arc<ServerContext>) -> Result<Self, StartError> {
        server.require_model("agent_workflows.model", &settings.model)?;
        for (index, name) in settings.workflows.iter().enumerate() {
            server.require_chain(&format!("agent_workflows.workflows[{index}]"), name)?;
        }
        let tokens = Tokens::new(settings.token_secret.as_ref(), settings.token_lifetime);
        Ok(Self {
            tokens: tokens
                .map_err(|_| StartError::Backend { name: Self::NAME, source: Box::new(NoTokenSecret) })?,
            tool_time: settings.tool_time.scaled(server.config.time_scale),
            api_keys: settings.api_keys.iter().cloned().collect(),
            settings,
        })
    }
}

impl AgentWorkflows {
    /// Admits a request whose bearer is a token or a listed key.
    pub(super) fn authorise(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let refused = |message: &str| Err(Problem::new(ProblemKind::InvalidKey, message.to_owned()));
        let Some(bearer) = bearer(headers) else {
            return refused(
                "expected a token in the header Authorization: Bearer TOKEN; POST /api/v1/auth/token gives one",
            );
        };
        if self.api_keys.contains(&Secret::new(bearer.to_owned())) {
            return Ok(());
        }
        match self.tokens.check(bearer) {
            Ok(()) => Ok(()),
            Err(TokenError::Expired) => {
                refused("the token has expired; POST /api/v1/auth/token gives a new one")
            }
            Err(TokenError::Forged) => refused("the token was not signed by this server"),
            Err(TokenError::Malformed) => {
                refused("the bearer is neither a token of this server nor a known API key")
            }
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
