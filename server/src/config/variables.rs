//! Settings from the environment.

use std::{collections::BTreeMap, ffi::OsString};
use weir_pace::Suggestion;

use super::{
    ConfigError, RawConfig, SettingsTable, Variable,
    extension::{RawTables, apply},
    kubernetes::is_of_kubernetes,
    raw::RawOwnTables,
    sources::{SetVariable, Sources, VariableKey},
    value::{AT_LEAST_ONE, FACTOR, PORT, SIZE, WHOLE, named, parsed, put, span, switch},
};

/// Variables with this prefix belong to Weir: an unknown one is a warning.
const PREFIX: &str = "WEIR_";
/// Variables of the programs, which are not settings of the server.
const OTHERS: [&str; 2] = ["WEIR_LOG", "WEIR_WEB_TOKEN"];

/// Warnings about unknown variables, at most.
const WARNINGS_MAX: usize = 20;

/// Names that existing deployments use, and Weir's names, which come later and override them.
const VARIABLES: &[Variable<RawOwnTables>] = &[
    ("MAX_CONCURRENT_LLM_CALLS", |raw, text| {
        put(&mut raw.chains.max_concurrent_llm_calls, parsed(text, AT_LEAST_ONE))
    }),
    ("ENABLE_PARALLEL_STEPS", |raw, text| put(&mut raw.chains.parallel, switch(text))),
    ("CHAIN_TIMEOUT_SECONDS", |raw, text| put(&mut raw.chains.timeout, span(text))),
    ("WORKER_CONNECTIONS", |raw, text| put(&mut raw.server.connections_max, parsed(text, AT_LEAST_ONE))),
    ("WEIR_SERVER_BIND", |raw, text| put(&mut raw.server.bind, Ok(text.to_owned()))),
    ("WEIR_SERVER_PORT", |raw, text| put(&mut raw.server.port, parsed(text, PORT))),
    ("WEIR_SERVER_BODY_LIMIT", |raw, text| put(&mut raw.server.body_limit, parsed(text, SIZE))),
    ("WEIR_SERVER_DRAIN", |raw, text| put(&mut raw.server.drain, span(text))),
    ("WEIR_SERVER_IDLE_TIMEOUT", |raw, text| put(&mut raw.server.idle_timeout, span(text))),
    ("WEIR_SERVER_BODY_TIMEOUT", |raw, text| put(&mut raw.server.body_timeout, span(text))),
    ("WEIR_SERVER_WRITE_TIMEOUT", |raw, text| put(&mut raw.server.write_timeout, span(text))),
    ("WEIR_SERVER_ANSWER_MEMORY", |raw, text| put(&mut raw.server.answer_memory, text.parse())),
    ("WEIR_SERVER_ANSWER_MEMORY_WAIT", |raw, text| put(&mut raw.server.answer_memory_wait, span(text))),
    ("WEIR_SERVER_CONNECTIONS_MAX", |raw, text| {
        put(&mut raw.server.connections_max, parsed(text, AT_LEAST_ONE))
    }),
    ("WEIR_SERVER_WORKERS", |raw, text| put(&mut raw.server.workers, parsed(text, AT_LEAST_ONE))),
    ("WEIR_SERVER_TIME_SCALE", |raw, text| put(&mut raw.server.time_scale, parsed(text, FACTOR))),
    ("WEIR_SERVER_SEED", |raw, text| put(&mut raw.server.seed, parsed(text, WHOLE))),
    ("WEIR_SERVER_STRICTNESS", |raw, text| put(&mut raw.server.strictness, named(text))),
    ("WEIR_SERVER_OVERRIDES", |raw, text| put(&mut raw.server.overrides, named(text))),
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
    ("WEIR_ADMISSION_UNKNOWN_KEYS", |raw, text| put(&mut raw.admission.unknown_keys, named(text))),
];

/// The keys of variables that are not named after them.
const OTHER_NAMES: [(&str, &str); 4] = [
    ("MAX_CONCURRENT_LLM_CALLS", "chains.max_concurrent_llm_calls"),
    ("ENABLE_PARALLEL_STEPS", "chains.parallel"),
    ("CHAIN_TIMEOUT_SECONDS", "chains.timeout"),
    ("WORKER_CONNECTIONS", "server.connections_max"),
];

/// What the variables that are set among `variables` set, in the order in which they override each other.
fn set_variables(tables: &[SettingsTable], variables: &BTreeMap<String, String>) -> Vec<SetVariable> {
    let own = VARIABLES.iter().map(|(name, _)| {
        let by_name = || RawOwnTables::NAMES.into_iter().find_map(|table| key_of(name, table));
        let other = OTHER_NAMES.iter().find(|(other, _)| other == name).map(|(_, key)| (*key).to_owned());
        other.or_else(by_name).map(|key| (*name, VariableKey::Key(key)))
    });
    let of_backends = tables.iter().flat_map(|table| {
        (table.variables)().into_iter().map(|name| {
            let key = key_of(name, table.name).map(VariableKey::Key);
            Some((name, key.unwrap_or_else(|| VariableKey::SomeKeyOf(table.name.to_owned()))))
        })
    });
    let is_set = |(name, _): &(&str, VariableKey)| variables.contains_key(*name);
    let all = own.chain(of_backends).flatten().filter(is_set);
    all.map(|(name, sets)| SetVariable { name: name.to_owned(), sets }).collect()
}

/// The key of the variable `WEIR_<TABLE>_<KEY>`.
fn key_of(variable: &str, table: &str) -> Option<String> {
    let key = variable.strip_prefix(&format!("WEIR_{}_", table.to_ascii_uppercase()))?;
    Some(format!("{table}.{}", key.to_ascii_lowercase()))
}

impl RawConfig {
    /// The names of the variables that are read, those of the backends' `tables` included.
    pub fn variable_names(tables: &[SettingsTable]) -> Vec<&'static str> {
        let own = VARIABLES.iter().map(|(name, _)| *name);
        own.chain(tables.iter().flat_map(|table| (table.variables)())).collect()
    }

    /// Reads the settings among `variables`; other variables are ignored, with a warning if their names begin with
    /// `WEIR_`. Variables that Kubernetes sets for a service are ignored without one.
    ///
    /// # Errors
    /// Fails if a value is not valid.
    pub fn from_variables(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        tables: &[SettingsTable],
    ) -> Result<Self, ConfigError> {
        // Replacement characters make what is not UTF-8 an unknown name or a wrong value.
        let text = |part: OsString| part.to_string_lossy().into_owned();
        let variables: BTreeMap<_, _> = variables
            .into_iter()
            .map(|(name, value)| (text(name), text(value)))
            .filter(|(name, value)| !is_of_kubernetes(name, value))
            .collect();
        let known = Self::variable_names(tables);
        let unknown = variables.keys().filter(|name| {
            name.starts_with(PREFIX) && !known.iter().chain(&OTHERS).any(|known| known == name)
        });
        let warning = |name: &String| {
            // Their common start makes all of them similar.
            let short = name.strip_prefix(PREFIX).unwrap_or(name);
            let near = weir_pace::nearest(short, known.iter().filter_map(|known| known.strip_prefix(PREFIX)));
            let suggestion = Suggestion::of_names(near.map(|near| format!("{PREFIX}{near}")), Vec::new());
            format!("environment: {name:?} is not a setting and has no effect{suggestion}")
        };
        let warnings = unknown.take(WARNINGS_MAX).map(warning).collect();
        let own = apply(VARIABLES, &variables)?;
        let sources = Sources::variables(set_variables(tables, &variables));
        Ok(Self { own, backends: RawTables::from_variables(tables, &variables)?, sources, warnings })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_variables_knows_the_key_of_every_own_variable() {
        let all = VARIABLES.iter().map(|(name, _)| ((*name).to_owned(), String::new())).collect();
        let set = set_variables(&[], &all);
        assert_eq!(set.len(), VARIABLES.len());
        let defaults: toml::Table = toml::from_str(include_str!("../../../config/server.toml")).unwrap();
        for SetVariable { name, sets } in set {
            let VariableKey::Key(key) = sets else { panic!("{name}") };
            let (table, _) = key.split_once('.').unwrap();
            assert!(defaults.contains_key(table), "{name}: {key}");
        }
    }
}
