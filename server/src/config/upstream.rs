//! The real model behind chains, if there is one.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use weir_wire::Target;

use super::{ConfigError, Secret, secret::secret_in, setting::invalid_setting, units::Span};

/// The default timeout of calls of the real model.
const TIMEOUT: Duration = Duration::from_secs(120);

/// `[upstream]` as users write it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawUpstream {
    url: Option<String>,
    key_env: Option<String>,
    timeout: Option<Span>,
    models: BTreeMap<String, String>,
}

/// The real model behind chains.
#[derive(Clone, Debug)]
pub struct UpstreamConfig {
    /// Where its OpenAI-compatible API is; a trailing `/v1` is understood.
    pub target: Target,
    /// The API key.
    pub key: Option<Secret>,
    /// The timeout of each call.
    pub timeout: Duration,
    /// The upstream names of the models of chains, if they differ.
    pub models: BTreeMap<String, String>,
}

impl RawUpstream {
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            url: self.url.or(below.url),
            key_env: self.key_env.or(below.key_env),
            timeout: self.timeout.or(below.timeout),
            models: below.models.into_iter().chain(self.models).collect(),
        }
    }

    /// Returns `None` without a URL: the model is simulated.
    pub(super) fn check(self) -> Result<Option<UpstreamConfig>, ConfigError> {
        let Some(url) = self.url else {
            return match self.key_env {
                Some(_) => Err(invalid_setting("upstream.key_env", "is of no use without upstream.url")),
                None => Ok(None),
            };
        };
        let target = url.parse().map_err(|error| invalid_setting("upstream.url", format!("{error}")))?;
        let key = self.key_env.map(|variable| secret_in("upstream.key_env", &variable)).transpose()?;
        let timeout = self.timeout.map_or(TIMEOUT, |timeout| timeout.0);
        if timeout.is_zero() {
            return Err(invalid_setting("upstream.timeout", "expected a duration above zero, found 0"));
        }
        Ok(Some(UpstreamConfig { target, key, timeout, models: self.models }))
    }
}

/// The targets that `http` steps may call.
pub(super) fn targets(urls: Vec<String>) -> Result<Vec<Target>, ConfigError> {
    let target = |(index, url): (usize, String)| {
        let invalid = |message| invalid_setting(format!("chains.http_targets[{index}]"), message);
        let target: Target = url.parse().map_err(|error| invalid(format!("{url:?}: {error}")))?;
        if target.path_prefix().is_empty() {
            return Ok(target);
        }
        Err(invalid(format!("{url:?} has a path: a whole host is allowed, or none of it")))
    };
    urls.into_iter().enumerate().map(target).collect()
}
