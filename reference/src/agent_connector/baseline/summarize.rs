//! Summarizes the results of a load test.

use super::{
    figures::{Baseline, Metric, Summary},
    recommendation,
    results::{Endpoint, Results},
};

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
