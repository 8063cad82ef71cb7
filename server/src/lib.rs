//! The mock over HTTP.
//!
//! [`Server::bind`] takes a checked [`Config`] and the [`Services`] behind it, and returns a running [`Server`]: its
//! address, and a way to end it. A [`Backend`] adds endpoints: `examples/embedded_backend.rs` is one of less than 60 lines.
//! `examples/server_in_a_test.rs` runs the whole server inside a test.
//!
//! # Layout
//! The modules, lowest first: each refers to those before it only.
//! - `config`: raw settings → checked settings
//! - `error`, `ids`: why a server could not start; unique ids
//! - `telemetry`: metrics, and the planned and delivered times of one request
//! - `connection`: the state and the writes of one connection
//! - `admission`: keys, limits of requests and tokens, concurrent calls
//! - `model_names`, `token_timer`: the profile that answers to a name; waits for the tokens of a schedule
//! - `replies`, `simulated_llm`: the simulated LLM for chains, with and without a server
//! - `capped`, `attributed`, `metered`: a limit on the LLM calls of one run; whose waits they are; their tokens, as tokens of
//!   a key
//! - `outbound`: a real LLM and other HTTP calls of chains
//! - `context`: the shared state of all requests
//! - `request`: one request and its response
//! - `event_body`, `token_stream`: the body of a stream of events; the events of a lease
//! - `backend`: the traits of extensions
//! - `api`: the LLM dialects, a folder each, and the server's own endpoints
//! - `faults`: simulated faults: which requests meet one, and what it does to their answers
//! - `app`: the router and the stack of layers
//! - `accept`: the accept loop

mod accept;
mod admission;
mod api;
mod app;
mod attributed;
mod backend;
mod capped;
mod config;
mod connection;
mod context;
mod error;
mod event_body;
mod faults;
mod ids;
mod metered;
mod model_names;
mod outbound;
mod replies;
mod request;
mod simulated_llm;
mod telemetry;
mod token_stream;
mod token_timer;

pub use accept::{Drained, Server, Services};
pub use admission::{
    Admission, Admitted, AdmittedKey, FixedWindow, GivenKey, LimitExceeded, LimitKind, LimitView, LlmPermit,
    RateExceeded, RateView, Rejection, Reservation, TokenEstimate,
};
pub use app::Backends;
pub use backend::{Api, Backend, Description};
pub use config::{
    AdmissionConfig, BackendConfigs, BackendSettings, ByteSize, ChainsConfig, Config, ConfigError,
    CorsOrigins, KeyConfig, Limit, LimitAlgorithm, Limits, ModelsConfig, NoSettings, OverridesFrom,
    RawConfig, ResponsesConfig, Secret, SettingsTable, Span, StepOrder, Strictness, UnknownIds, UnknownKeys,
    UnknownModels, UpstreamConfig, Variable, invalid_setting, named_secret, positive, required, value,
};
pub use connection::{Arrival, Mark};
pub use context::ServerContext;
pub use error::StartError;
pub use event_body::{After, Chunk, EventBody, EventSource, FRAME_BYTES, SSE_DONE};
pub use faults::{FAULTS, FaultInfo, FaultParameter, FaultScope, fault_info};
pub use ids::Ids;
pub use replies::{AdmittedCall, Replies};
pub use request::{
    Access, Dialect, DialectOf, Extras, Incoming, Methods, Origins, Problem, ProblemKind, RequestContext,
    Route, json, json_answer, plain_dialect, plain_error,
};
pub use simulated_llm::SimulatedLlm;
pub use telemetry::{CallRecord, FramePart, Metrics, ServerTiming};
pub use token_stream::{Encoder, TokenStream};
pub use token_timer::TokenTimer;
