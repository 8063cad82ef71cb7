//! A baseline: the summary of a load test's results.

use serde::{Deserialize, Serialize};

use super::{
    recommendation,
    results::{Endpoint, Results},
};

/// The summary of a load test's results, as stored and returned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Baseline {
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
pub(super) struct Outline {
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

impl Baseline {
    pub(super) fn new(baseline_id: String, timestamp: String, results: &Results) -> Self {
        let seconds = results.duration_seconds;
        let all = &results.all;
        let summary = Summary {
            overall_avg_response_time: rounded(all.times.mean()),
            overall_p95_response_time: rounded(all.times.percentile(95.0)),
            overall_error_rate: rounded(all.error_rate()),
            total_requests_per_second: rounded(results.total_requests as f64 / seconds),
        };
        let metrics: Vec<Metric> =
            results.endpoints.iter().map(|endpoint| Metric::new(endpoint, seconds)).collect();
        Self {
            baseline_id,
            timestamp,
            test_duration_seconds: seconds,
            total_requests: results.total_requests,
            concurrent_users: results.concurrent_users,
            recommendations: recommendation::recommendations(&summary, &metrics),
            summary,
            metrics,
        }
    }
}

impl Metric {
    fn new(endpoint: &Endpoint, seconds: f64) -> Self {
        let Endpoint { path, method, requests } = endpoint;
        let times = &requests.times;
        Self {
            endpoint: path.clone(),
            method: method.clone(),
            p50_response_time_ms: rounded(times.percentile(50.0)),
            p95_response_time_ms: rounded(times.percentile(95.0)),
            p99_response_time_ms: rounded(times.percentile(99.0)),
            avg_response_time_ms: rounded(times.mean()),
            min_response_time_ms: rounded(times.min()),
            max_response_time_ms: rounded(times.max()),
            requests_per_second: rounded(times.count() as f64 / seconds),
            error_rate: rounded(requests.error_rate()),
            sample_size: times.count() as u64,
        }
    }
}

/// To a thousandth: microseconds of times.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
