//! What the agent workflow system keeps: who is let in.

use std::collections::HashSet;

use http::{HeaderMap, header::AUTHORIZATION};
use weir_pace::Latency;

use super::token::{TokenFault, Tokens};
use crate::{
    accept::BindError,
    api::{Problem, problem::Kind},
    config::{Config, Secret},
};

/// What the agent workflow system keeps.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) tokens: Tokens,
    /// How long one call of a tool takes, at the server's time scale.
    pub(super) tool_time: Latency,
    api_keys: HashSet<Secret>,
}

impl State {
    pub(crate) fn new(config: &Config) -> Result<Self, BindError> {
        let settings = &config.agent_workflows;
        Ok(Self {
            tokens: Tokens::new(settings.token_secret.as_ref(), settings.token_lifetime)
                .map_err(|_| BindError::NoTokenSecret)?,
            tool_time: settings.tool_time.scaled(config.time_scale),
            api_keys: settings.api_keys.iter().cloned().collect(),
        })
    }

    /// Lets a request in whose bearer is a token or a listed key.
    pub(super) fn authorise(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let refused = |message: &str| Err(Problem::new(Kind::InvalidKey, message.to_owned()));
        let Some(bearer) = bearer(headers) else {
            return refused(
                "a token is needed in the header Authorization: Bearer TOKEN; POST /api/v1/auth/token gives one",
            );
        };
        if self.api_keys.contains(&Secret::new(bearer.to_owned())) {
            return Ok(());
        }
        match self.tokens.check(bearer) {
            Ok(()) => Ok(()),
            Err(TokenFault::Expired) => {
                refused("the token has expired; POST /api/v1/auth/token gives a new one")
            }
            Err(TokenFault::Forged) => refused("the token was not signed by this server"),
            Err(TokenFault::Malformed) => {
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
