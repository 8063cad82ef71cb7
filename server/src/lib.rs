//! The mock over HTTP.
//!
//! [`Server::bind`] takes a checked [`Config`] and the [`Services`] behind it, and gives back a running
//! [`Server`]: its address, and a way to end it.
//!
//! # Layout
//! - `config`: raw settings → checked settings
//! - `accept`, `connection`: the accept loop; what is known of one connection and of its writes
//! - `app`: the router and the order of what a request passes, in one place
//! - `admission`: who may enter: keys, request limits, calls at once
//! - `api`: one folder or file a dialect: decode, ask the model or the chains, encode
//! - `event_body`, `delivery`: the response body of a stream of events; what delivers a lease through it
//! - `replies`, `outbound`: the simulated model as a chain's LLM; a real one, and other calls of chains
//! - `simulated_llm`: the simulated model without a server
//! - `capped`: a cap on the LLM calls of one run
//! - `telemetry`: metrics, and the truth about one request's times

mod accept;
mod admission;
mod api;
mod app;
mod capped;
mod config;
mod connection;
mod delivery;
mod event_body;
mod outbound;
mod replies;
mod simulated_llm;
mod telemetry;

pub use accept::{BindError, Drained, Server};
pub use app::Services;
pub use config::{
    AdmissionConfig, AgentConnectorConfig, AgentWorkflowsConfig, ChainsConfig, Config, ConfigError,
    Duplicates, HourlyKey, KeyConfig, Limits, ModelsConfig, ObservabilityConfig, PromptServiceConfig,
    RawConfig, ResponsesConfig, Secret, StepOrder, Switch, Switches, UnknownIds, UnknownKeys, UnknownModels,
    UpstreamConfig, WatchCosts,
};
pub use simulated_llm::SimulatedLlm;
