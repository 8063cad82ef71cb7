//! Recommendations for a baseline.

use std::fmt;

use super::figures::{Metric, Summary};

/// An endpoint whose 95th percentile is above this is flagged.
const SLOW_MS: f64 = 1_000.0;
/// An endpoint with a higher error rate is flagged.
const FAILING_PERCENT: f64 = 5.0;

/// The rating of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rating {
    Excellent,
    Good,
    Acceptable,
    Poor,
}

impl fmt::Display for Rating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Excellent => "excellent",
            Self::Good => "good",
            Self::Acceptable => "acceptable",
            Self::Poor => "poor",
        })
    }
}

/// Rates a figure by the first of three bounds for which `holds` is true.
fn rating(bounds: [f64; 3], holds: impl Fn(f64) -> bool) -> Rating {
    let ratings = [Rating::Excellent, Rating::Good, Rating::Acceptable];
    let first = bounds.into_iter().zip(ratings).find(|(bound, _)| holds(*bound));
    first.map_or(Rating::Poor, |(_, rating)| rating)
}

fn response_time(ms: f64) -> Rating {
    rating([100.0, 500.0, 1_000.0], |bound| ms < bound)
}

fn errors(percent: f64) -> Rating {
    rating([0.1, 1.0, 5.0], |bound| percent < bound)
}

fn throughput(per_second: f64) -> Rating {
    rating([1_000.0, 500.0, 100.0], |bound| per_second > bound)
}

/// Returns the slow and failing endpoints, and then the overall rating.
pub(super) fn recommendations(summary: &Summary, metrics: &[Metric]) -> Vec<String> {
    let mut texts = Vec::new();
    for metric in metrics {
        let Metric { endpoint, method, p95_response_time_ms: p95, error_rate, .. } = metric;
        if *p95 > SLOW_MS {
            texts.push(format!("{method} {endpoint} is slow: P95 {p95:.1} ms is above {SLOW_MS:.0} ms"));
        }
        if *error_rate > FAILING_PERCENT {
            texts.push(format!(
                "{method} {endpoint} fails often: {error_rate:.2} % errors are above {FAILING_PERCENT:.0} %"
            ));
        }
    }
    if texts.is_empty() {
        texts.push("No endpoint is slow or fails often.".to_owned());
    }
    let (p95, failed) = (summary.overall_p95_response_time, summary.overall_error_rate);
    let per_second = summary.total_requests_per_second;
    texts.push(format!(
        "Overall: response time {} (P95 {p95:.1} ms), errors {} ({failed:.2} %), throughput {} ({per_second:.1} req/s).",
        response_time(p95),
        errors(failed),
        throughput(per_second),
    ));
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(endpoint: &str, p95_response_time_ms: f64, error_rate: f64) -> Metric {
        Metric {
            endpoint: endpoint.to_owned(),
            method: "GET".to_owned(),
            p50_response_time_ms: 1.0,
            p95_response_time_ms,
            p99_response_time_ms: p95_response_time_ms,
            avg_response_time_ms: 1.0,
            min_response_time_ms: 1.0,
            max_response_time_ms: p95_response_time_ms,
            requests_per_second: 1.0,
            error_rate,
            sample_size: 1,
        }
    }

    fn summary(p95: f64, error_rate: f64, per_second: f64) -> Summary {
        Summary {
            overall_avg_response_time: 1.0,
            overall_p95_response_time: p95,
            overall_error_rate: error_rate,
            total_requests_per_second: per_second,
        }
    }

    #[test]
    fn rating_changes_at_its_bounds() {
        use Rating::{Acceptable, Excellent, Good, Poor};
        assert_eq!([99.9, 100.0, 500.0, 1_000.0].map(response_time), [Excellent, Good, Acceptable, Poor]);
        assert_eq!([0.0, 0.1, 1.0, 5.0].map(errors), [Excellent, Good, Acceptable, Poor]);
        assert_eq!([1_000.1, 1_000.0, 500.0, 100.0].map(throughput), [Excellent, Good, Acceptable, Poor]);
    }

    #[test]
    fn recommendations_flag_slow_and_failing_endpoints_only() {
        let metrics =
            [metric("/fine", 1_000.0, 5.0), metric("/slow", 1_000.1, 0.0), metric("/sick", 2_500.0, 50.0)];
        insta::assert_snapshot!(recommendations(&summary(2_500.0, 12.0, 40.0), &metrics).join("\n"), @r"
        GET /slow is slow: P95 1000.1 ms is above 1000 ms
        GET /sick is slow: P95 2500.0 ms is above 1000 ms
        GET /sick fails often: 50.00 % errors are above 5 %
        Overall: response time poor (P95 2500.0 ms), errors poor (12.00 %), throughput poor (40.0 req/s).
        ");
        insta::assert_snapshot!(recommendations(&summary(80.0, 0.0, 2_000.0), &metrics[..1]).join("\n"), @r"
        No endpoint is slow or fails often.
        Overall: response time excellent (P95 80.0 ms), errors excellent (0.00 %), throughput excellent (2000.0 req/s).
        ");
    }
}
