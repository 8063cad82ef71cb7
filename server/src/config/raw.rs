//! Raw settings: every key is optional, later sources override earlier ones.

use std::num::{NonZeroU32, NonZeroUsize};

use serde::Deserialize;
use weir_pace::{Document, KeyPath, Rate, SettingError, SettingProblem, Suggestion, TomlNode, read_settings};

use super::{
    ConfigError, OverridesFrom, Secret, SettingsTable, Strictness, UnknownIds, UnknownKeys, UnknownModels,
    extension::RawTables,
    responses::RawResponsesConfig,
    sources::{SetFlag, Sources},
    units::{ByteSize, Span},
    upstream::RawUpstream,
};

const DEFAULTS: &str = include_str!("../../../config/server.toml");

/// Settings as users write them, unchecked.
///
/// The tables of backends are read by the types that the backends name for them: the functions that read a source
/// take the list of these tables, [`Backends::tables`](crate::Backends::tables).
#[derive(Debug, Default)]
pub struct RawConfig {
    pub(super) own: RawOwnTables,
    /// The tables of backends.
    pub(super) backends: RawTables,
    pub(super) sources: Sources,
    /// Doubtful settings.
    pub(super) warnings: Vec<String>,
}

/// The tables of the server itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawOwnTables {
    pub(super) server: RawServer,
    pub(super) models: RawModels,
    pub(super) responses: RawResponsesConfig,
    pub(super) chains: RawChains,
    pub(super) upstream: RawUpstream,
    pub(super) admission: RawAdmission,
    pub(super) key: Vec<RawKey>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawServer {
    pub(super) bind: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) body_limit: Option<ByteSize>,
    pub(super) drain: Option<Span>,
    pub(super) idle_timeout: Option<Span>,
    pub(super) body_timeout: Option<Span>,
    pub(super) write_timeout: Option<Span>,
    pub(super) answer_memory: Option<ByteSize>,
    pub(super) answer_memory_wait: Option<Span>,
    pub(super) connections_max: Option<NonZeroUsize>,
    pub(super) workers: Option<NonZeroUsize>,
    pub(super) time_scale: Option<f64>,
    pub(super) seed: Option<u64>,
    pub(super) cors_origins: Option<Vec<String>>,
    pub(super) hosts: Option<Vec<String>>,
    pub(super) strictness: Option<Strictness>,
    pub(super) overrides: Option<OverridesFrom>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawModels {
    pub(super) unknown: Option<UnknownModels>,
    pub(super) unknown_ids: Option<UnknownIds>,
    pub(super) default: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawChains {
    pub(super) parallel: Option<bool>,
    pub(super) max_concurrent_llm_calls: Option<NonZeroUsize>,
    pub(super) max_waiting_llm_calls: Option<usize>,
    pub(super) timeout: Option<Span>,
    pub(super) max_concurrent_llm_calls_per_run: Option<NonZeroUsize>,
    pub(super) http_targets: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawAdmission {
    pub(super) unknown_keys: Option<UnknownKeys>,
    pub(super) requests: Option<Rate>,
    pub(super) concurrent: Option<NonZeroU32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawKey {
    pub(super) name: String,
    pub(super) secret: Option<Secret>,
    pub(super) secret_env: Option<String>,
    pub(super) requests: Option<Rate>,
    pub(super) concurrent: Option<NonZeroU32>,
}

impl RawOwnTables {
    /// The keys of the top level.
    pub(super) const NAMES: [&str; 7] =
        ["server", "models", "responses", "chains", "upstream", "admission", "key"];
}

fn is_own(name: &str) -> bool {
    RawOwnTables::NAMES.contains(&name)
}

/// What happens to a table of the source that neither the server nor a backend reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UnknownTables {
    Reject,
    Ignore,
}

impl RawConfig {
    /// The defaults: `config/server.toml`. Its tables of backends that are not among `tables` are ignored.
    ///
    /// # Errors
    /// Fails if a backend does not accept its table.
    pub fn defaults(tables: &[SettingsTable]) -> Result<Self, ConfigError> {
        // Where a default conflicts with a setting, the setting is the place to change.
        let sources = Sources::default();
        Self::read(DEFAULTS, "config/server.toml", tables, UnknownTables::Ignore)
            .map(|defaults| Self { sources, ..defaults })
    }

    /// Reads a TOML text; `origin` is its file, for errors.
    ///
    /// # Errors
    /// Fails if the text is not valid TOML, has an unknown key or a value of another type.
    pub fn from_toml(source: &str, origin: &str, tables: &[SettingsTable]) -> Result<Self, ConfigError> {
        Self::read(source, origin, tables, UnknownTables::Reject)
    }

    fn read(
        source: &str,
        origin: &str,
        tables: &[SettingsTable],
        unknown: UnknownTables,
    ) -> Result<Self, ConfigError> {
        let document = Document::parse(origin, source)?;
        let mut own = document.root().clone();
        let mut backends = RawTables::default();
        for table in tables {
            if let Some(value) = own.get_mut().remove(table.name) {
                backends.read(table, value).map_err(|error| document.setting_error(&error))?;
            }
        }
        let foreign: Vec<_> = own.get_ref().keys().filter(|name| !is_own(name.get_ref())).cloned().collect();
        for name in foreign {
            if unknown == UnknownTables::Reject {
                let known = RawOwnTables::NAMES.into_iter().chain(tables.iter().map(|table| table.name));
                let problem = SettingProblem::UnknownKey(Suggestion::new(name.get_ref(), known));
                return Err(document
                    .setting_error(&SettingError { key: KeyPath::from(&**name.get_ref()), problem })
                    .into());
            }
            own.get_mut().remove(&name);
        }
        let own =
            read_settings(TomlNode::Root(own.get_ref())).map_err(|error| document.setting_error(&error))?;
        Ok(Self { own, backends, sources: Sources::file(origin, source), warnings: Vec::new() })
    }

    /// Returns the settings of flags.
    pub fn from_flags(
        bind: Option<String>,
        port: Option<u16>,
        time_scale: Option<f64>,
        seed: Option<u64>,
    ) -> Self {
        let given = [
            (bind.is_some(), SetFlag { name: "--bind", key: "server.bind" }),
            (port.is_some(), SetFlag { name: "--port", key: "server.port" }),
            (time_scale.is_some(), SetFlag { name: "--time-scale", key: "server.time_scale" }),
            (seed.is_some(), SetFlag { name: "--seed", key: "server.seed" }),
        ];
        let flags = given.into_iter().filter_map(|(is_given, flag)| is_given.then_some(flag)).collect();
        let server = RawServer { bind, port, time_scale, seed, ..RawServer::default() };
        let own = RawOwnTables { server, ..RawOwnTables::default() };
        Self { own, backends: RawTables::default(), sources: Sources::flags(flags), warnings: Vec::new() }
    }

    /// Returns these settings, completed by those of `below`, a source of lower precedence.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            own: self.own.over(below.own),
            backends: self.backends.over(below.backends),
            sources: self.sources.over(below.sources),
            warnings: [self.warnings, below.warnings].concat(),
        }
    }
}

impl RawOwnTables {
    fn over(self, below: Self) -> Self {
        Self {
            server: RawServer {
                bind: self.server.bind.or(below.server.bind),
                port: self.server.port.or(below.server.port),
                body_limit: self.server.body_limit.or(below.server.body_limit),
                drain: self.server.drain.or(below.server.drain),
                idle_timeout: self.server.idle_timeout.or(below.server.idle_timeout),
                body_timeout: self.server.body_timeout.or(below.server.body_timeout),
                write_timeout: self.server.write_timeout.or(below.server.write_timeout),
                answer_memory: self.server.answer_memory.or(below.server.answer_memory),
                answer_memory_wait: self.server.answer_memory_wait.or(below.server.answer_memory_wait),
                connections_max: self.server.connections_max.or(below.server.connections_max),
                workers: self.server.workers.or(below.server.workers),
                time_scale: self.server.time_scale.or(below.server.time_scale),
                seed: self.server.seed.or(below.server.seed),
                hosts: self.server.hosts.or(below.server.hosts),
                cors_origins: self.server.cors_origins.or(below.server.cors_origins),
                strictness: self.server.strictness.or(below.server.strictness),
                overrides: self.server.overrides.or(below.server.overrides),
            },
            models: RawModels {
                unknown: self.models.unknown.or(below.models.unknown),
                unknown_ids: self.models.unknown_ids.or(below.models.unknown_ids),
                default: self.models.default.or(below.models.default),
            },
            responses: self.responses.over(below.responses),
            chains: RawChains {
                parallel: self.chains.parallel.or(below.chains.parallel),
                max_concurrent_llm_calls: self
                    .chains
                    .max_concurrent_llm_calls
                    .or(below.chains.max_concurrent_llm_calls),
                max_waiting_llm_calls: self
                    .chains
                    .max_waiting_llm_calls
                    .or(below.chains.max_waiting_llm_calls),
                timeout: self.chains.timeout.or(below.chains.timeout),
                max_concurrent_llm_calls_per_run: self
                    .chains
                    .max_concurrent_llm_calls_per_run
                    .or(below.chains.max_concurrent_llm_calls_per_run),
                http_targets: self.chains.http_targets.or(below.chains.http_targets),
            },
            upstream: self.upstream.over(below.upstream),
            admission: RawAdmission {
                unknown_keys: self.admission.unknown_keys.or(below.admission.unknown_keys),
                requests: self.admission.requests.or(below.admission.requests),
                concurrent: self.admission.concurrent.or(below.admission.concurrent),
            },
            key: if self.key.is_empty() { below.key } else { self.key },
        }
    }
}
