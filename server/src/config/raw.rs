//! Settings as users write them: every key optional, later sources over earlier ones.

use std::{
    collections::BTreeMap,
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};

use serde::Deserialize;
use weir_pace::Rate;

use super::{
    ConfigError, Secret, UnknownIds, UnknownKeys, UnknownModels, agent_connector::RawAgentConnector,
    agent_workflows::RawAgentWorkflows, bytes::ByteSize, observability::RawObservability,
    prompt_service::RawPromptService, responses::RawResponsesConfig, upstream::RawUpstream,
};

const DEFAULTS: &str = include_str!("../../../config/server.toml");

/// Settings as users write them, unchecked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawConfig {
    pub(super) server: RawServer,
    pub(super) models: RawModels,
    pub(super) responses: RawResponsesConfig,
    pub(super) chains: RawChains,
    pub(super) connectors: BTreeMap<String, String>,
    pub(super) upstream: RawUpstream,
    pub(super) agent_workflows: RawAgentWorkflows,
    pub(super) prompt_service: RawPromptService,
    pub(super) observability: RawObservability,
    pub(super) admission: RawAdmission,
    pub(super) key: Vec<RawKey>,
    pub(super) agent_connector: RawAgentConnector,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawServer {
    pub(super) bind: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) body_limit: Option<ByteSize>,
    pub(super) drain: Option<Span>,
    pub(super) idle_timeout: Option<Span>,
    pub(super) connections_max: Option<NonZeroUsize>,
    pub(super) workers: Option<NonZeroUsize>,
    pub(super) time_scale: Option<f64>,
    pub(super) seed: Option<u64>,
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

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Span(#[serde(with = "weir_pace::duration_text")] pub(super) Duration);

impl RawConfig {
    /// What holds when nothing is said: `config/server.toml`.
    pub fn defaults() -> Result<Self, ConfigError> {
        Self::from_toml(DEFAULTS, "config/server.toml")
    }

    /// Reads a TOML text; `origin` is its file, for errors.
    pub fn from_toml(source: &str, origin: &str) -> Result<Self, ConfigError> {
        Ok(weir_pace::Document::parse(origin, source)?.read()?)
    }

    /// What flags say.
    pub fn from_flags(
        bind: Option<String>,
        port: Option<u16>,
        time_scale: Option<f64>,
        seed: Option<u64>,
    ) -> Self {
        Self { server: RawServer { bind, port, time_scale, seed, ..RawServer::default() }, ..Self::default() }
    }

    /// These settings, and where they say nothing those of `below`.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            server: RawServer {
                bind: self.server.bind.or(below.server.bind),
                port: self.server.port.or(below.server.port),
                body_limit: self.server.body_limit.or(below.server.body_limit),
                drain: self.server.drain.or(below.server.drain),
                idle_timeout: self.server.idle_timeout.or(below.server.idle_timeout),
                connections_max: self.server.connections_max.or(below.server.connections_max),
                workers: self.server.workers.or(below.server.workers),
                time_scale: self.server.time_scale.or(below.server.time_scale),
                seed: self.server.seed.or(below.server.seed),
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
            connectors: below.connectors.into_iter().chain(self.connectors).collect(),
            upstream: self.upstream.over(below.upstream),
            agent_workflows: self.agent_workflows.over(below.agent_workflows),
            prompt_service: self.prompt_service.over(below.prompt_service),
            observability: self.observability.over(below.observability),
            admission: RawAdmission {
                unknown_keys: self.admission.unknown_keys.or(below.admission.unknown_keys),
                requests: self.admission.requests.or(below.admission.requests),
                concurrent: self.admission.concurrent.or(below.admission.concurrent),
            },
            key: if self.key.is_empty() { below.key } else { self.key },
            agent_connector: self.agent_connector.over(below.agent_connector),
        }
    }
}
