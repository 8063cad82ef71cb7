//! The metrics of `GET /metrics`.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicI64},
    time::Instant,
};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use weir_chains::LlmError;
use weir_model::{Content, Profile, ProfileEngine};
use weir_pace::Clock;

use super::{CallRecord, Exposition, KeyMetrics, Lateness, Limit, LimitWaits, vllm::VllmMetrics};

/// Upper bounds in seconds, from a quick plain answer to a long chain.
const DURATION_BOUNDS: [f64; 17] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
];

/// The label of errors that the caller caused.
const INVALID_REQUEST: &str = "invalid_request";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    endpoint: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndpointLabels {
    endpoint: &'static str,
}

/// Labels are model names of the catalogue only, so their number is bounded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TokenLabels {
    model: Arc<str>,
    /// The kind of tokens: `prompt` or `completion`.
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ModelLabels {
    model: Arc<str>,
}

/// Model names of the catalogue and of chains, which are bounded too.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ErrorLabels {
    model: Arc<str>,
    error: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ChainLabels {
    chain: Arc<str>,
    status: &'static str,
}

/// Limits have the names of their settings.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitLabels {
    limit: &'static str,
}

/// Faults have the names of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FaultLabels {
    fault: &'static str,
}

/// The metrics of one server.
#[derive(Debug)]
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<RequestLabels, Counter>,
    durations: Family<EndpointLabels, Histogram, fn() -> Histogram>,
    llm_requests: Family<ModelLabels, Counter>,
    llm_durations: Family<ModelLabels, Histogram, fn() -> Histogram>,
    llm_errors: Family<ErrorLabels, Counter>,
    llm_tokens: Family<TokenLabels, Counter>,
    vllm: Arc<VllmMetrics>,
    chain_runs: Family<ChainLabels, Counter>,
    limit_waits: Family<LimitLabels, Histogram, fn() -> Histogram>,
    faults: Family<FaultLabels, Counter>,
    /// Requests whose answers have not ended.
    pub(crate) in_flight: Gauge<i64, AtomicI64>,
    /// Running and waiting LLM calls of chains and connectors.
    pub(crate) llm_running: Gauge<i64, AtomicI64>,
    pub(crate) llm_waiting: Gauge<i64, AtomicI64>,
    /// Bytes that are reserved for large answers, and requests that wait for some.
    pub(crate) answer_memory: Gauge<i64, AtomicI64>,
    pub(crate) answers_waiting: Gauge<i64, AtomicI64>,
    pub(crate) lateness: Arc<Lateness>,
    pub(crate) keys: KeyMetrics,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::default();
        let lateness = Arc::new(Lateness::register(&mut registry));
        let durations: fn() -> Histogram = || Histogram::new(DURATION_BOUNDS);
        let metrics = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(durations),
            llm_requests: Family::default(),
            llm_durations: Family::new_with_constructor(durations),
            llm_errors: Family::default(),
            llm_tokens: Family::default(),
            vllm: Arc::default(),
            chain_runs: Family::default(),
            limit_waits: Family::new_with_constructor(durations),
            faults: Family::default(),
            in_flight: Gauge::default(),
            llm_running: Gauge::default(),
            llm_waiting: Gauge::default(),
            answer_memory: Gauge::default(),
            answers_waiting: Gauge::default(),
            lateness,
            keys: KeyMetrics::default(),
            registry: Mutex::default(),
        };
        registry.register(
            "http_requests",
            "Answered requests; 499: the client left; 444: a fault ended the connection",
            metrics.requests.clone(),
        );
        registry.register(
            "http_request_duration_seconds",
            "From the arrival of a request to the end of its answer",
            metrics.durations.clone(),
        );
        registry.register("llm_requests", "LLM calls admitted", metrics.llm_requests.clone());
        registry.register(
            "llm_request_duration_seconds",
            "LLM calls, from admission to the end of the answer",
            metrics.llm_durations.clone(),
        );
        registry.register("llm_errors", "LLM calls that came to no answer", metrics.llm_errors.clone());
        registry.register("llm_tokens", "Tokens of admitted LLM calls", metrics.llm_tokens.clone());
        registry.register("chain_runs", "Ended chain runs", metrics.chain_runs.clone());
        registry.register("http_requests_in_flight", "Answers not yet ended", metrics.in_flight.clone());
        registry.register(
            "llm_calls_running",
            "Running LLM calls of chains and connectors, which have a permit",
            metrics.llm_running.clone(),
        );
        registry.register(
            "llm_calls_waiting",
            "LLM calls of chains and connectors that wait for a permit",
            metrics.llm_waiting.clone(),
        );
        registry.register(
            "limit_wait_seconds",
            "How long calls and requests waited because a limit was reached, by the setting of the limit",
            metrics.limit_waits.clone(),
        );
        registry.register("faults", "Simulated faults that took effect", metrics.faults.clone());
        registry.register(
            "answer_memory_bytes",
            "Memory that is reserved for large requests and answers in flight",
            metrics.answer_memory.clone(),
        );
        registry.register(
            "answers_waiting_for_memory",
            "Requests whose large answers wait for memory",
            metrics.answers_waiting.clone(),
        );
        metrics.keys.register(&mut registry);
        registry.register_collector(Box::new(Arc::clone(&metrics.vllm)));
        Self { registry: Mutex::new(registry), ..metrics }
    }

    /// Adds the replicas of `engine` to the metrics of models.
    pub(crate) fn show_replicas(&self, engine: Arc<ProfileEngine>) {
        self.vllm.show_replicas(engine);
    }

    /// Registers metrics of a backend; their names begin with `prefix` and an underscore.
    pub fn register(&self, prefix: &str, register: impl FnOnce(&mut Registry)) {
        register(self.registry().sub_registry_with_prefix(prefix));
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All metrics, in a text format.
    pub(crate) fn render(&self, format: Exposition) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry())?;
        Ok(format.convert(text))
    }

    pub(super) fn answered(&self, endpoint: &'static str, status: u16, seconds: f64) {
        self.requests.get_or_create(&RequestLabels { endpoint, status }).inc();
        self.durations.get_or_create(&EndpointLabels { endpoint }).observe(seconds);
    }

    /// Counts an admitted LLM call, which arrived at `start` and is answered with `content`; it lasts until the record is
    /// dropped.
    pub(crate) fn llm_call(
        &self,
        profile: &Profile,
        prompt_tokens: u32,
        content: &Content,
        start: Instant,
    ) -> CallRecord {
        let model = &profile.name;
        let labels = ModelLabels { model: Arc::clone(model) };
        self.llm_requests.get_or_create(&labels).inc();
        for (kind, count) in [("prompt", prompt_tokens), ("completion", content.token_count())] {
            let labels = TokenLabels { model: Arc::clone(model), kind };
            self.llm_tokens.get_or_create(&labels).inc_by(count.into());
        }
        let durations = self.llm_durations.get_or_create(&labels).clone();
        CallRecord::begin(durations, self.vllm.of(profile), prompt_tokens, content, start)
    }

    /// Counts a failed LLM call of `model`.
    pub(crate) fn llm_error(&self, model: &Arc<str>, error: &LlmError) {
        self.count_error(
            model,
            match error {
                LlmError::RateLimited { .. } => "rate_limited",
                LlmError::Overloaded { .. } => "overloaded",
                LlmError::UnknownModel { .. } => "unknown_model",
                LlmError::InvalidRequest { .. } => INVALID_REQUEST,
                LlmError::Upstream { .. } => "upstream",
                LlmError::Truncated => "truncated",
            },
        );
    }

    /// Counts a refused request to `model`.
    pub(crate) fn llm_refusal(&self, model: &Arc<str>) {
        self.count_error(model, INVALID_REQUEST);
    }

    fn count_error(&self, model: &Arc<str>, error: &'static str) {
        self.llm_errors.get_or_create(&ErrorLabels { model: Arc::clone(model), error }).inc();
    }

    /// Waits for `waiting` because `limit` was reached, and records for how long: here and for the current request.
    pub(crate) async fn time_wait<F: Future>(&self, clock: &Clock, limit: Limit, waiting: F) -> F::Output {
        let start = clock.now();
        let output = waiting.await;
        let wait = clock.now().saturating_duration_since(start);
        self.limit_waits.get_or_create(&LimitLabels { limit: limit.setting() }).observe(wait.as_secs_f64());
        LimitWaits::record(limit, wait);
        output
    }

    /// Counts a fault that took effect.
    pub(crate) fn fault(&self, fault: &'static str) {
        self.faults.get_or_create(&FaultLabels { fault }).inc();
    }

    /// Counts a chain run that has ended; `status` must have few distinct values.
    pub fn chain_run(&self, chain: &str, status: &'static str) {
        self.chain_runs.get_or_create(&ChainLabels { chain: chain.into(), status }).inc();
    }
}
