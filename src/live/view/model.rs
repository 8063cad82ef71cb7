//! The model of a run for live views, on the terminal and the page. Every field names its unit; the page
//! reads it as JSON.

use serde::Serialize;

/// A run so far.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct View {
    pub(crate) scenario: String,
    pub(crate) target: String,
    /// When the run began, RFC 3339 in UTC.
    pub(crate) started: String,
    pub(crate) kind: LoopKind,
    /// The planned number of users, or the planned rate of arrivals.
    pub(crate) load: String,
    pub(crate) stage: RunStage,
    pub(crate) elapsed_s: u64,
    /// The run time, if time ends the run.
    pub(crate) run_time_s: Option<f64>,
    /// The number of requests, if it ends the run.
    pub(crate) requests: Option<u64>,
    pub(crate) now: Now,
    /// All requests of the measured window.
    pub(crate) all: Row,
    pub(crate) tasks: Vec<Row>,
    pub(crate) classes: Vec<Row>,
    pub(crate) thresholds: Vec<ThresholdRow>,
    pub(crate) failures: Vec<FailureRow>,
    pub(crate) generator: Health,
    pub(crate) notes: Vec<String>,
    pub(crate) history: History,
}

/// What decides when a request starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LoopKind {
    /// Users; their number can be changed while they run.
    Users,
    /// Arrivals at a rate.
    Arrivals,
}

/// The stage of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RunStage {
    /// Warm-up or cool-down: requests that start now are excluded from the figures.
    WarmUp,
    Running,
    /// No more requests are started; the last responses are awaited.
    Draining,
    Ended,
}

/// The latest seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Now {
    /// Users running; of arrivals, requests in flight.
    pub(crate) users: u64,
    /// Requests started and not yet ended.
    pub(crate) in_flight: u64,
    /// The seconds over which rates are means.
    pub(crate) over_s: u64,
    pub(crate) requests_per_s: f64,
    pub(crate) tokens_per_s: f64,
    /// The share of failed requests; `None` if none ended.
    pub(crate) error_share: Option<f64>,
}

/// The figures of a task, a class, or all.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    pub(crate) rate_limited: u64,
    pub(crate) requests_per_s: f64,
    pub(crate) tokens_per_s: f64,
    pub(crate) e2e_p50_ms: Option<f64>,
    pub(crate) e2e_p95_ms: Option<f64>,
    pub(crate) e2e_p99_ms: Option<f64>,
    pub(crate) ttft_p50_ms: Option<f64>,
    pub(crate) ttft_p95_ms: Option<f64>,
    pub(crate) itl_p50_ms: Option<f64>,
}

/// A threshold, judged by the figures so far.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ThresholdRow {
    pub(crate) text: String,
    pub(crate) measured: String,
    pub(crate) passed: bool,
}

/// One kind of failure of one task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct FailureRow {
    pub(crate) task: String,
    pub(crate) kind: String,
    pub(crate) count: u64,
    /// Seconds since the run began.
    pub(crate) first_s: f64,
    pub(crate) last_s: f64,
    /// The message of the first failure.
    pub(crate) example: String,
}

/// The generator's measurements of itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Health {
    pub(crate) workers: u64,
    pub(crate) lateness_p99_ms: Option<f64>,
    pub(crate) loop_lag_p99_ms: Option<f64>,
    /// Cores kept busy.
    pub(crate) cpu_cores: Option<f64>,
    pub(crate) shares_cores_with_target: bool,
    pub(crate) late: u64,
    pub(crate) shed: u64,
    /// Why the figures are invalid; empty if they are valid.
    pub(crate) invalid: Vec<String>,
}

/// The run over time, column by column; long runs are thinned to at most 1 200 rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct History {
    /// Seconds per row.
    pub(crate) step_s: usize,
    pub(crate) warm_up_s: f64,
    pub(crate) at_s: Vec<u64>,
    pub(crate) users: Vec<u64>,
    pub(crate) completed_per_s: Vec<u64>,
    pub(crate) failed_per_s: Vec<u64>,
    pub(crate) rate_limited_per_s: Vec<u64>,
    pub(crate) tokens_per_s: Vec<u64>,
    pub(crate) e2e_p50_ms: Vec<Option<f64>>,
    pub(crate) e2e_p95_ms: Vec<Option<f64>>,
    pub(crate) e2e_p99_ms: Vec<Option<f64>>,
    pub(crate) ttft_p50_ms: Vec<Option<f64>>,
    pub(crate) ttft_p95_ms: Vec<Option<f64>>,
    pub(crate) itl_p50_ms: Vec<Option<f64>>,
}
