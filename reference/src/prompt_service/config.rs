//! Settings of the prompt-service reference system.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
    time::Duration,
};

use serde::Deserialize;
use weir_pace::quote_key;
use weir_server::{
    BackendSettings, ByteSize, ConfigError, Secret, Span, Variable, invalid_setting, named_secret, required,
    value::{SIZE, WHOLE, parsed, put, span},
};

/// The settings of the prompt-service reference system: keys, providers and cache.
#[derive(Clone, Debug)]
pub struct PromptServiceConfig {
    /// The model behind each provider, by its name.
    pub providers: BTreeMap<String, String>,
    /// The default provider.
    pub default_provider: String,
    /// Output tokens of an analysis.
    pub answer_tokens: u32,
    /// The default lifetime of a cache entry; zero: not cached.
    pub cache_ttl: Duration,
    /// The size of the cache, in bytes.
    pub cache_size: usize,
    /// The keys, by name.
    pub keys: BTreeMap<String, HourlyKey>,
}

/// One key of the prompt service.
#[derive(Clone, Debug)]
pub struct HourlyKey {
    /// The key as the client sends it.
    pub secret: Secret,
    /// Maximum requests per hour.
    pub per_hour: NonZeroU32,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawPromptService {
    providers: BTreeMap<String, String>,
    default_provider: Option<String>,
    answer_tokens: Option<u32>,
    cache_ttl: Option<Span>,
    cache_size: Option<ByteSize>,
    key: BTreeMap<String, RawHourlyKey>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHourlyKey {
    secret: Option<Secret>,
    secret_env: Option<String>,
    per_hour: NonZeroU32,
}

impl BackendSettings for RawPromptService {
    type Checked = PromptServiceConfig;

    const VARIABLES: &'static [Variable<Self>] = &[
        ("WEIR_PROMPT_SERVICE_DEFAULT_PROVIDER", |raw, text| {
            put(&mut raw.default_provider, Ok(text.to_owned()))
        }),
        ("WEIR_PROMPT_SERVICE_ANSWER_TOKENS", |raw, text| put(&mut raw.answer_tokens, parsed(text, WHOLE))),
        ("WEIR_PROMPT_SERVICE_CACHE_TTL", |raw, text| put(&mut raw.cache_ttl, span(text))),
        ("WEIR_PROMPT_SERVICE_CACHE_SIZE", |raw, text| put(&mut raw.cache_size, parsed(text, SIZE))),
    ];

    fn over(self, below: Self) -> Self {
        Self {
            providers: below.providers.into_iter().chain(self.providers).collect(),
            default_provider: self.default_provider.or(below.default_provider),
            answer_tokens: self.answer_tokens.or(below.answer_tokens),
            cache_ttl: self.cache_ttl.or(below.cache_ttl),
            cache_size: self.cache_size.or(below.cache_size),
            key: below.key.into_iter().chain(self.key).collect(),
        }
    }

    fn check(self) -> Result<PromptServiceConfig, ConfigError> {
        let default_provider = required("prompt_service.default_provider", self.default_provider)?;
        if !self.providers.contains_key(&default_provider) {
            let known: Vec<&str> = self.providers.keys().map(String::as_str).collect();
            let known = known.join(", ");
            let message = format!("expected one of the providers ({known}), found {default_provider:?}");
            return Err(invalid_setting("prompt_service.default_provider", message));
        }
        Ok(PromptServiceConfig {
            providers: self.providers,
            default_provider,
            answer_tokens: required("prompt_service.answer_tokens", self.answer_tokens)?,
            cache_ttl: required("prompt_service.cache_ttl", self.cache_ttl)?.0,
            cache_size: required("prompt_service.cache_size", self.cache_size)?.0,
            keys: keys(self.key)?,
        })
    }
}

fn keys(raw: BTreeMap<String, RawHourlyKey>) -> Result<BTreeMap<String, HourlyKey>, ConfigError> {
    let mut secrets = BTreeSet::new();
    let mut keys = BTreeMap::new();
    for (name, RawHourlyKey { secret, secret_env, per_hour }) in raw {
        let place = format!("prompt_service.key.{}", quote_key(&name));
        let secret =
            named_secret(&place, ["secret", "secret_env"], secret, secret_env)?.ok_or_else(|| {
                invalid_setting(&place, "has neither secret nor secret_env: expected one of them")
            })?;
        if !secrets.insert(secret.reveal().to_owned()) {
            return Err(invalid_setting(place, "has the secret of another key"));
        }
        keys.insert(name, HourlyKey { secret, per_hour });
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use crate::testing::rejection;
    use insta::assert_snapshot;

    #[test]
    fn check_invalid_settings_names_key_and_value() {
        assert_snapshot!(rejection("[prompt_service]\ndefault_provider = 'opnai'"), @r#"weir.toml:2: prompt_service.default_provider: expected one of the providers (anthropic, gemini, llama, openai), found "opnai""#);
        assert_snapshot!(rejection("[prompt_service.key.a]\nper_hour = 1"), @"weir.toml:1: prompt_service.key.a: has neither secret nor secret_env: expected one of them");
        assert_snapshot!(rejection("[prompt_service.key.a]\nsecret = 'weir-demo-key'\nper_hour = 1"), @"weir.toml:1: prompt_service.key.demo: has the secret of another key");
        assert_snapshot!(rejection("[prompt_service.key.a]\nsecret = 'a'\nper_hour = 0"), @"weir.toml:3: prompt_service.key.a.per_hour: expected a whole number from 1 to 4294967295, found 0");
    }
}
