//! Settings from the environment.

use std::{collections::BTreeMap, ffi::OsString, str::FromStr};

use serde::{Deserialize, de::IntoDeserializer as _, de::value};

use super::{ConfigError, RawConfig, raw::Span};

type Apply = fn(&mut RawConfig, &str) -> Result<(), String>;

/// Variables with these beginnings are ours: one that we do not know is a mistake.
const PREFIXES: [&str; 8] = [
    "WEIR_SERVER_",
    "WEIR_MODELS_",
    "WEIR_RESPONSES_",
    "WEIR_CHAINS_",
    "WEIR_AGENT_WORKFLOWS_",
    "WEIR_PROMPT_SERVICE_",
    "WEIR_OBSERVABILITY_",
    "WEIR_ADMISSION_",
];

/// The reference systems' own names, and ours. Ours come later and win.
const VARIABLES: [(&str, Apply); 41] = [
    ("MAX_CONCURRENT_LLM_CALLS", |raw, text| {
        put(&mut raw.chains.max_concurrent_llm_calls, parsed(text, AT_LEAST_ONE))
    }),
    ("ENABLE_PARALLEL_STEPS", |raw, text| put(&mut raw.chains.parallel, switch(text))),
    ("CHAIN_TIMEOUT_SECONDS", |raw, text| put(&mut raw.chains.timeout, span(text))),
    ("WORKER_CONNECTIONS", |raw, text| put(&mut raw.server.connections_max, parsed(text, AT_LEAST_ONE))),
    ("ENABLE_LANGFUSE_EXPORT", |raw, text| put(&mut raw.observability.langfuse_export, switch(text))),
    ("ENABLE_ASYNC_TRACE_EXPORT", |raw, text| put(&mut raw.observability.async_trace_export, switch(text))),
    ("TRACK_MODEL_COSTS", |raw, text| put(&mut raw.observability.model_costs, switch(text))),
    ("ENABLE_SIMILARITY_LOGGING", |raw, text| put(&mut raw.observability.similarity_logging, switch(text))),
    ("WEIR_SERVER_BIND", |raw, text| put(&mut raw.server.bind, Ok(text.to_owned()))),
    ("WEIR_SERVER_PORT", |raw, text| put(&mut raw.server.port, parsed(text, PORT))),
    ("WEIR_SERVER_BODY_LIMIT", |raw, text| put(&mut raw.server.body_limit, parsed(text, SIZE))),
    ("WEIR_SERVER_DRAIN", |raw, text| put(&mut raw.server.drain, span(text))),
    ("WEIR_SERVER_IDLE_TIMEOUT", |raw, text| put(&mut raw.server.idle_timeout, span(text))),
    ("WEIR_SERVER_CONNECTIONS_MAX", |raw, text| {
        put(&mut raw.server.connections_max, parsed(text, AT_LEAST_ONE))
    }),
    ("WEIR_SERVER_WORKERS", |raw, text| put(&mut raw.server.workers, parsed(text, AT_LEAST_ONE))),
    ("WEIR_SERVER_TIME_SCALE", |raw, text| put(&mut raw.server.time_scale, parsed(text, FACTOR))),
    ("WEIR_SERVER_SEED", |raw, text| put(&mut raw.server.seed, parsed(text, WHOLE))),
    ("WEIR_MODELS_UNKNOWN", |raw, text| put(&mut raw.models.unknown, named(text))),
    ("WEIR_MODELS_UNKNOWN_IDS", |raw, text| put(&mut raw.models.unknown_ids, named(text))),
    ("WEIR_MODELS_DEFAULT", |raw, text| put(&mut raw.models.default, Ok(text.to_owned()))),
    ("WEIR_RESPONSES_KEPT", |raw, text| put(&mut raw.responses.kept, parsed(text, WHOLE))),
    ("WEIR_RESPONSES_KEPT_SIZE", |raw, text| put(&mut raw.responses.kept_size, parsed(text, SIZE))),
    ("WEIR_CHAINS_PARALLEL", |raw, text| put(&mut raw.chains.parallel, switch(text))),
    ("WEIR_CHAINS_MAX_CONCURRENT_LLM_CALLS", |raw, text| {
        put(&mut raw.chains.max_concurrent_llm_calls, parsed(text, AT_LEAST_ONE))
    }),
    ("WEIR_CHAINS_MAX_WAITING_LLM_CALLS", |raw, text| {
        put(&mut raw.chains.max_waiting_llm_calls, parsed(text, WHOLE))
    }),
    ("WEIR_CHAINS_MAX_CONCURRENT_LLM_CALLS_PER_RUN", |raw, text| {
        put(&mut raw.chains.max_concurrent_llm_calls_per_run, parsed(text, AT_LEAST_ONE))
    }),
    ("WEIR_CHAINS_TIMEOUT", |raw, text| put(&mut raw.chains.timeout, span(text))),
    ("WEIR_AGENT_WORKFLOWS_MODEL", |raw, text| put(&mut raw.agent_workflows.model, Ok(text.to_owned()))),
    ("WEIR_AGENT_WORKFLOWS_TOKEN_LIFETIME", |raw, text| {
        put(&mut raw.agent_workflows.token_lifetime, span(text))
    }),
    ("WEIR_PROMPT_SERVICE_DEFAULT_PROVIDER", |raw, text| {
        put(&mut raw.prompt_service.default_provider, Ok(text.to_owned()))
    }),
    ("WEIR_PROMPT_SERVICE_ANSWER_TOKENS", |raw, text| {
        put(&mut raw.prompt_service.answer_tokens, parsed(text, WHOLE))
    }),
    ("WEIR_PROMPT_SERVICE_CACHE_TTL", |raw, text| put(&mut raw.prompt_service.cache_ttl, span(text))),
    ("WEIR_PROMPT_SERVICE_CACHE_SIZE", |raw, text| {
        put(&mut raw.prompt_service.cache_size, parsed(text, SIZE))
    }),
    ("WEIR_OBSERVABILITY_MODEL", |raw, text| put(&mut raw.observability.model, Ok(text.to_owned()))),
    ("WEIR_OBSERVABILITY_LANGFUSE_EXPORT", |raw, text| {
        put(&mut raw.observability.langfuse_export, switch(text))
    }),
    ("WEIR_OBSERVABILITY_ASYNC_TRACE_EXPORT", |raw, text| {
        put(&mut raw.observability.async_trace_export, switch(text))
    }),
    ("WEIR_OBSERVABILITY_MODEL_COSTS", |raw, text| put(&mut raw.observability.model_costs, switch(text))),
    ("WEIR_OBSERVABILITY_SIMILARITY_LOGGING", |raw, text| {
        put(&mut raw.observability.similarity_logging, switch(text))
    }),
    ("WEIR_OBSERVABILITY_QUEUE_CAPACITY", |raw, text| {
        put(&mut raw.observability.queue_capacity, parsed(text, AT_LEAST_ONE))
    }),
    ("WEIR_OBSERVABILITY_FLUSH_INTERVAL", |raw, text| put(&mut raw.observability.flush_interval, span(text))),
    ("WEIR_ADMISSION_UNKNOWN_KEYS", |raw, text| put(&mut raw.admission.unknown_keys, named(text))),
];

impl RawConfig {
    /// The variables that are read, the reference systems' own and ours.
    pub fn variable_names() -> impl Iterator<Item = &'static str> {
        VARIABLES.iter().map(|(name, _)| *name)
    }

    /// Reads the settings among `variables`, the others are not looked at.
    pub fn from_variables(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        // What is no text is no setting: its replacement characters make it an unknown name or a wrong value.
        let text = |part: OsString| part.to_string_lossy().into_owned();
        let variables: BTreeMap<_, _> =
            variables.into_iter().map(|(name, value)| (text(name), text(value))).collect();
        let known = Self::variable_names;
        for name in variables.keys() {
            if PREFIXES.iter().any(|prefix| name.starts_with(prefix)) && !known().any(|known| known == name) {
                let nearest = weir_pace::nearest(name, known());
                return Err(ConfigError::UnknownVariable { name: name.clone(), nearest });
            }
        }
        let mut raw = Self::default();
        for (name, apply) in VARIABLES {
            if let Some(value) = variables.get(name) {
                apply(&mut raw, value).map_err(|message| ConfigError::Variable {
                    name: name.to_owned(),
                    value: value.clone(),
                    message,
                })?;
            }
        }
        Ok(raw)
    }
}

fn put<T>(field: &mut Option<T>, value: Result<T, String>) -> Result<(), String> {
    *field = Some(value?);
    Ok(())
}

const WHOLE: &str = "a whole number of 0 or more";
const AT_LEAST_ONE: &str = "a whole number of 1 or more";
const PORT: &str = "a port from 0 to 65535";
const FACTOR: &str = "a number such as 0.5";
const SIZE: &str = "a size such as \"32MiB\"";

/// `needed` says what would be right.
fn parsed<T: FromStr>(text: &str, needed: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| format!("{needed} is needed"))
}

fn span(text: &str) -> Result<Span, String> {
    weir_pace::parse_cli_duration(text.trim()).map(Span).map_err(|error| error.to_string())
}

fn switch(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("true or false is needed".to_owned()),
    }
}

fn named<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, String> {
    T::deserialize(text.trim().into_deserializer()).map_err(|error: value::Error| error.to_string())
}
