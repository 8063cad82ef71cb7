//! Settings of the prompt-service reference system.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
    time::Duration,
};

use serde::Deserialize;

use super::{
    ConfigError, Secret,
    bytes::ByteSize,
    check::{bad, given, named_secret},
    raw::Span,
};

/// The prompt-service reference system: its keys, its providers and its cache.
#[derive(Clone, Debug)]
pub struct PromptServiceConfig {
    /// The model behind each provider, by its name.
    pub providers: BTreeMap<String, String>,
    /// The provider of requests that leave the choice to the service.
    pub default_provider: String,
    /// Tokens of an analysis.
    pub answer_tokens: u32,
    /// How long an analysis is kept when its request does not say; zero: not at all.
    pub cache_ttl: Duration,
    /// What the kept analyses may take, in bytes.
    pub cache_size: usize,
    /// The keys, by name.
    pub keys: BTreeMap<String, HourlyKey>,
}

/// One key of the prompt service.
#[derive(Clone, Debug)]
pub struct HourlyKey {
    /// What the client sends.
    pub secret: Secret,
    /// Requests that it may make in an hour.
    pub per_hour: NonZeroU32,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawPromptService {
    pub(super) providers: BTreeMap<String, String>,
    pub(super) default_provider: Option<String>,
    pub(super) answer_tokens: Option<u32>,
    pub(super) cache_ttl: Option<Span>,
    pub(super) cache_size: Option<ByteSize>,
    pub(super) key: BTreeMap<String, RawHourlyKey>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHourlyKey {
    secret: Option<Secret>,
    secret_env: Option<String>,
    per_hour: NonZeroU32,
}

impl RawPromptService {
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            providers: below.providers.into_iter().chain(self.providers).collect(),
            default_provider: self.default_provider.or(below.default_provider),
            answer_tokens: self.answer_tokens.or(below.answer_tokens),
            cache_ttl: self.cache_ttl.or(below.cache_ttl),
            cache_size: self.cache_size.or(below.cache_size),
            key: below.key.into_iter().chain(self.key).collect(),
        }
    }

    pub(super) fn checked(self) -> Result<PromptServiceConfig, ConfigError> {
        let default_provider = given("prompt_service.default_provider", self.default_provider)?;
        if !self.providers.contains_key(&default_provider) {
            let known: Vec<&str> = self.providers.keys().map(String::as_str).collect();
            let known = known.join(", ");
            let message = format!("is {default_provider:?}: one of the providers is needed ({known})");
            return Err(bad("prompt_service.default_provider", message));
        }
        Ok(PromptServiceConfig {
            providers: self.providers,
            default_provider,
            answer_tokens: given("prompt_service.answer_tokens", self.answer_tokens)?,
            cache_ttl: given("prompt_service.cache_ttl", self.cache_ttl)?.0,
            cache_size: given("prompt_service.cache_size", self.cache_size)?.0,
            keys: keys(self.key)?,
        })
    }
}

fn keys(raw: BTreeMap<String, RawHourlyKey>) -> Result<BTreeMap<String, HourlyKey>, ConfigError> {
    let mut secrets = BTreeSet::new();
    let mut keys = BTreeMap::new();
    for (name, RawHourlyKey { secret, secret_env, per_hour }) in raw {
        let place = format!("prompt_service.key.{name}");
        let secret = named_secret(&place, ["secret", "secret_env"], secret, secret_env)?
            .ok_or_else(|| bad(&place, "has neither secret nor secret_env: one is needed"))?;
        if !secrets.insert(secret.reveal().to_owned()) {
            return Err(bad(place, "has the secret of another key"));
        }
        keys.insert(name, HourlyKey { secret, per_hour });
    }
    Ok(keys)
}
