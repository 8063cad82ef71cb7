//! What can be set, and the check of it.

mod bytes;
mod check;
mod error;
mod extension;
mod raw;
mod responses;
mod secret;
mod sources;
mod upstream;
pub mod value;
mod variables;

use std::{
    net::SocketAddr,
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};

pub use bytes::ByteSize;
pub use check::{invalid_setting, positive, required};
pub use error::ConfigError;
pub use extension::{BackendConfigs, BackendSettings, NoSettings, SettingsTable, Variable};
pub use raw::{RawConfig, Span};
pub use responses::ResponsesConfig;
pub use secret::{Secret, named_secret};
use sources::Sources;
pub use upstream::UpstreamConfig;
use weir_pace::{Rate, Seed};
use weir_wire::Target;

/// Everything that can be set, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 picks a free one.
    pub bind: SocketAddr,
    /// The largest request body, in bytes.
    pub body_limit: usize,
    /// How long open answers may go on once a shutdown has begun.
    pub drain: Duration,
    /// How long a connection may take for a request head, from when it may send one.
    pub idle_timeout: Duration,
    /// Connections at once; without it as many as the system gives.
    pub connections_max: Option<NonZeroUsize>,
    /// Requests that are answered at once, as by so many workers that block; others wait in order. Without it as many
    /// as come.
    pub workers: Option<NonZeroUsize>,
    /// Factor on every simulated delay.
    pub time_scale: f64,
    /// Where all randomness comes from.
    pub seed: Seed,
    /// Which models are answered for.
    pub models: ModelsConfig,
    /// The answers of the Responses API that can be asked for once more.
    pub responses: ResponsesConfig,
    /// How chains run.
    pub chains: ChainsConfig,
    /// The real model behind chains; without it they meet the simulated one.
    pub upstream: Option<UpstreamConfig>,
    /// The settings of backends.
    pub backends: BackendConfigs,
    /// Who may ask, and how often.
    pub admission: AdmissionConfig,
    /// Where the settings come from.
    pub(crate) sources: Sources,
}

/// Which models are answered for.
#[derive(Clone, Debug)]
pub struct ModelsConfig {
    /// What happens to a name that is not in the catalogue.
    pub unknown: UnknownModels,
    /// What happens to the id of an object that is not kept here.
    pub unknown_ids: UnknownIds,
    /// The model of requests that name none, and of accepted unknown names.
    pub default: String,
}

/// What happens to a model name that is not in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownModels {
    /// The default model answers under the name that was asked for.
    Accept,
    /// 404, with the known names.
    Reject,
}

/// What happens to the id of an object that is not kept here: a stored answer, a file, a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownIds {
    /// It is answered with an object of that id, made up.
    Synthesize,
    /// 404.
    Reject,
}

/// How chains run.
#[derive(Clone, Debug)]
pub struct ChainsConfig {
    /// Whether independent steps run at once when a request does not say.
    pub steps: StepOrder,
    /// LLM calls of chains and connectors at once, over the whole server.
    pub llm_calls_max: NonZeroUsize,
    /// LLM calls that may wait for a place; more are refused.
    pub llm_waiting_max: usize,
    /// Time that a run may take when its chain does not say.
    pub timeout: Duration,
    /// LLM calls at once in one run, those of chains within it included.
    pub llm_calls_a_run_max: Option<NonZeroUsize>,
    /// Whom `http` steps may call: scheme, host and port.
    pub http_targets: Vec<Target>,
}

/// Whether independent steps run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOrder {
    /// One after the other.
    Sequential,
    /// As soon as what they need is there.
    Parallel,
}

/// Who may ask, and how often.
#[derive(Clone, Debug)]
pub struct AdmissionConfig {
    /// What happens to a key that is not listed.
    pub unknown_keys: UnknownKeys,
    /// The limits of each key that is not listed.
    pub unknown_limits: Limits,
    /// The listed keys.
    pub keys: Vec<KeyConfig>,
}

/// What happens to a key that is not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownKeys {
    /// It is as good as any, within the limits for unknown keys.
    Accept,
    /// 401.
    Reject,
}

/// One key and what it may do.
#[derive(Clone, Debug)]
pub struct KeyConfig {
    /// Its name in logs and metrics.
    pub name: String,
    /// What the client sends.
    pub secret: Secret,
    /// What it may do.
    pub limits: Limits,
}

/// What one key may do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// Requests per time: a bucket of that size that refills evenly.
    pub requests: Option<Rate>,
    /// Requests at once; a stream counts until it ends.
    pub concurrent: Option<NonZeroU32>,
}
