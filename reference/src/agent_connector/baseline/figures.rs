//! A baseline: the summary of a load test's results.

use serde::{Deserialize, Serialize};

/// The summary of a load test's results, as stored and returned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::agent_connector) struct Baseline {
    pub(super) baseline_id: String,
    /// The creation time, RFC 3339 in UTC.
    pub(super) timestamp: String,
    pub(super) test_duration_seconds: f64,
    pub(super) total_requests: u64,
    pub(super) concurrent_users: u64,
    pub(super) summary: Summary,
    pub(super) metrics: Vec<Metric>,
    pub(super) recommendations: Vec<String>,
}

/// A baseline without its endpoints, for lists.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(in crate::agent_connector) struct Outline {
    pub(super) baseline_id: String,
    timestamp: String,
    test_duration_seconds: f64,
    total_requests: u64,
    concurrent_users: u64,
    summary: Summary,
    /// The number of endpoints.
    endpoints: usize,
}

impl From<Baseline> for Outline {
    fn from(baseline: Baseline) -> Self {
        Self {
            baseline_id: baseline.baseline_id,
            timestamp: baseline.timestamp,
            test_duration_seconds: baseline.test_duration_seconds,
            total_requests: baseline.total_requests,
            concurrent_users: baseline.concurrent_users,
            summary: baseline.summary,
            endpoints: baseline.metrics.len(),
        }
    }
}

/// Over all endpoints. Times in milliseconds, the error rate in per cent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) overall_avg_response_time: f64,
    pub(super) overall_p95_response_time: f64,
    pub(super) overall_error_rate: f64,
    pub(super) total_requests_per_second: f64,
}

/// Of one endpoint. The error rate is in per cent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Metric {
    pub(super) endpoint: String,
    pub(super) method: String,
    pub(super) p50_response_time_ms: f64,
    pub(super) p95_response_time_ms: f64,
    pub(super) p99_response_time_ms: f64,
    pub(super) avg_response_time_ms: f64,
    pub(super) min_response_time_ms: f64,
    pub(super) max_response_time_ms: f64,
    pub(super) requests_per_second: f64,
    pub(super) error_rate: f64,
    pub(super) sample_size: u64,
}
