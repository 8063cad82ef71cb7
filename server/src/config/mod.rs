//! Settings and their checks.

mod check;
mod error;
mod extension;
mod kubernetes;
mod raw;
mod responses;
mod secret;
mod setting;
mod sources;
mod units;
mod upstream;
pub mod value;
mod variables;

use std::{
    net::SocketAddr,
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};

pub use error::ConfigError;
pub use extension::{BackendConfigs, BackendSettings, NoSettings, SettingsTable, Variable};
pub use raw::RawConfig;
pub use responses::ResponsesConfig;
pub use secret::{Secret, named_secret};
pub use setting::{invalid_setting, positive, required};
use sources::Sources;
pub use units::{ByteSize, Span};
pub use upstream::UpstreamConfig;
use weir_pace::{Rate, Seed};
use weir_wire::Target;

/// All settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 picks a free one.
    pub bind: SocketAddr,
    /// The largest request body, in bytes.
    pub body_limit: usize,
    /// Grace period for open responses after a shutdown has begun.
    pub drain: Duration,
    /// Timeout for a request head, from when the connection may send one.
    pub idle_timeout: Duration,
    /// How long a request body may take to arrive; a second more for each 16 KiB.
    pub body_timeout: Duration,
    /// How long a client may read nothing of a response.
    pub write_timeout: Duration,
    /// Bytes that large requests and answers in flight may take together.
    pub answer_memory: usize,
    /// How long a request waits for some of them.
    pub answer_memory_wait: Duration,
    /// Maximum concurrent connections; `None`: no limit.
    pub connections_max: Option<NonZeroUsize>,
    /// Maximum concurrent requests, like a pool of blocking workers; others wait in order. `None`: no limit.
    /// Waiting requests are in flight already.
    pub workers: Option<NonZeroUsize>,
    /// Factor on every simulated delay.
    pub time_scale: f64,
    /// The seed of all randomness.
    pub seed: Seed,
    /// The served models.
    pub models: ModelsConfig,
    /// Stored answers of the Responses API.
    pub responses: ResponsesConfig,
    /// How chains run.
    pub chains: ChainsConfig,
    /// The real model behind chains; `None`: the simulated one.
    pub upstream: Option<UpstreamConfig>,
    /// The settings of backends.
    pub backends: BackendConfigs,
    /// Keys and their limits.
    pub admission: AdmissionConfig,
    /// Origins of browser apps that may use the LLM APIs.
    pub cors_origins: CorsOrigins,
    /// Names by which clients reach the server, besides addresses and local names.
    pub hosts: Vec<String>,
    /// How closely requests are checked.
    pub strictness: Strictness,
    /// Which clients may override settings for a request, by headers.
    pub overrides: OverridesFrom,
    /// What is doubtful about the settings, for the user.
    pub warnings: Vec<String>,
    /// Where the settings come from.
    pub(crate) sources: Sources,
}

/// Origins of browser apps that may use the LLM APIs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorsOrigins {
    /// All.
    Any,
    /// These only.
    Listed(Vec<String>),
}

/// How closely requests are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strictness {
    /// Unknown fields are ignored, and so are fields that a model of the provider does not support.
    Lenient,
    /// They are rejected as by the provider.
    Provider,
}

/// Which clients may override settings for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverridesFrom {
    /// Those on the server's machine.
    Loopback,
    /// All.
    Anyone,
    /// None.
    Nobody,
}

impl OverridesFrom {
    /// Its name in the settings.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::Anyone => "anyone",
            Self::Nobody => "nobody",
        }
    }
}

/// The served models.
#[derive(Clone, Debug)]
pub struct ModelsConfig {
    /// What happens to a name that is not in the catalogue.
    pub unknown: UnknownModels,
    /// What happens to the id of an object that is not stored.
    pub unknown_ids: UnknownIds,
    /// The model of requests without a name, and of accepted unknown names.
    pub default: String,
}

/// What happens to a model name that is not in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownModels {
    /// The profile of the name's family answers, or the default model, under the requested name.
    Accept,
    /// 404, with the known names.
    Reject,
}

/// What happens to the id of an object that is not stored: an answer, a file, a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownIds {
    /// A made-up object of that id is returned.
    Synthesize,
    /// 404.
    Reject,
}

/// How chains run.
#[derive(Clone, Debug)]
pub struct ChainsConfig {
    /// The default order of independent steps.
    pub steps: StepOrder,
    /// Maximum concurrent LLM calls of chains and connectors in the whole server.
    pub llm_calls_max: NonZeroUsize,
    /// Maximum LLM calls that wait for a permit; more are refused.
    pub llm_waiting_max: usize,
    /// The default timeout of a run.
    pub timeout: Duration,
    /// Maximum concurrent LLM calls of one run, including those of nested chains.
    pub llm_calls_a_run_max: Option<NonZeroUsize>,
    /// Targets that `http` steps may call: scheme, host and port.
    pub http_targets: Vec<Target>,
}

/// Whether independent steps run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOrder {
    /// One after the other.
    Sequential,
    /// As soon as their inputs are ready.
    Parallel,
}

/// Keys and their limits.
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
    /// It is accepted, within the limits for unknown keys.
    Accept,
    /// 401.
    Reject,
}

/// One key and its limits.
#[derive(Clone, Debug)]
pub struct KeyConfig {
    /// Its name in logs and metrics.
    pub name: String,
    /// The key as the client sends it.
    pub secret: Secret,
    /// The limits.
    pub limits: Limits,
}

/// The limits of one key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// Requests per time: a bucket of this size that refills evenly.
    pub requests: Option<Rate>,
    /// Maximum concurrent requests; a stream counts until it ends.
    pub concurrent: Option<NonZeroU32>,
}
