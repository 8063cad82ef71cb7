//! A baseline as a text report.

use std::fmt::{self, Display};

use super::figures::{Baseline, Metric};

/// A baseline as a text report.
#[derive(Clone, Copy, Debug)]
pub(in crate::agent_connector) struct Report<'a>(pub(in crate::agent_connector) &'a Baseline);

impl Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(baseline) = self;
        title(f, "Performance Baseline Report", '=')?;
        line(f, "Baseline ID", &baseline.baseline_id)?;
        line(f, "Timestamp", &baseline.timestamp)?;
        line(f, "Test Duration", &format_args!("{:.1} s", baseline.test_duration_seconds))?;
        line(f, "Total Requests", &baseline.total_requests)?;
        line(f, "Concurrent Users", &baseline.concurrent_users)?;

        let summary = &baseline.summary;
        writeln!(f)?;
        title(f, "Overall Summary", '-')?;
        line(f, "Average Response Time", &format_args!("{:.1} ms", summary.overall_avg_response_time))?;
        line(f, "P95 Response Time", &format_args!("{:.1} ms", summary.overall_p95_response_time))?;
        line(f, "Error Rate", &format_args!("{:.2} %", summary.overall_error_rate))?;
        line(f, "Requests per Second", &format_args!("{:.1}", summary.total_requests_per_second))?;

        writeln!(f)?;
        title(f, "Endpoint Performance", '-')?;
        endpoints(f, &baseline.metrics)?;

        writeln!(f)?;
        title(f, "Recommendations", '-')?;
        baseline.recommendations.iter().try_for_each(|text| writeln!(f, "- {text}"))
    }
}

fn title(f: &mut fmt::Formatter<'_>, text: &str, under: char) -> fmt::Result {
    writeln!(f, "{text}")?;
    text.chars().try_for_each(|_| write!(f, "{under}"))?;
    writeln!(f)
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, value: &dyn Display) -> fmt::Result {
    writeln!(f, "{name:<23}{value}")
}

fn endpoints(f: &mut fmt::Formatter<'_>, metrics: &[Metric]) -> fmt::Result {
    let width = |heading: &str, of: fn(&Metric) -> &str| {
        let widths = metrics.iter().map(|metric| of(metric).chars().count());
        widths.max().unwrap_or_default().max(heading.len())
    };
    let methods = width("Method", |metric| &metric.method);
    let paths = width("Endpoint", |metric| &metric.endpoint);
    writeln!(
        f,
        "{:<methods$}  {:<paths$}  {:>10}  {:>10}  {:>10}  {:>9}  {:>8}",
        "Method", "Endpoint", "P50", "P95", "P99", "RPS", "Errors"
    )?;
    for metric in metrics {
        writeln!(
            f,
            "{:<methods$}  {:<paths$}  {:>7.1} ms  {:>7.1} ms  {:>7.1} ms  {:>9.1}  {:>6.2} %",
            metric.method,
            metric.endpoint,
            metric.p50_response_time_ms,
            metric.p95_response_time_ms,
            metric.p99_response_time_ms,
            metric.requests_per_second,
            metric.error_rate,
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{
        super::{name::FileName, results::Results},
        *,
    };
    use serde_json::json;

    #[test]
    fn display_has_all_sections() {
        let metrics: Vec<_> = (1..=40)
            .map(|number| {
                let (endpoint, method, ms) = match number % 4 {
                    0 => ("/api/agents/{id}/query/natural", "POST", 1_200 + number),
                    _ => ("/api/health", "GET", number),
                };
                let status = if number == 40 { 500 } else { 200 };
                json!({"endpoint": endpoint, "method": method, "status_code": status, "response_time_ms": ms})
            })
            .collect();
        let results =
            json!({"total_requests": 40, "concurrent_users": 5, "duration_seconds": 8, "metrics": metrics});
        let name = FileName::read("file", "r.json").unwrap();
        let results = Results::read(&name, results.to_string().as_bytes()).unwrap();
        let baseline = Baseline::new("release-1".to_owned(), "2026-02-03T04:05:06Z".to_owned(), &results);
        insta::assert_snapshot!(Report(&baseline), @r"
        Performance Baseline Report
        ===========================
        Baseline ID            release-1
        Timestamp              2026-02-03T04:05:06Z
        Test Duration          8.0 s
        Total Requests         40
        Concurrent Users       5

        Overall Summary
        ---------------
        Average Response Time  320.5 ms
        P95 Response Time      1232.0 ms
        Error Rate             2.50 %
        Requests per Second    5.0

        Endpoint Performance
        --------------------
        Method  Endpoint                               P50         P95         P99        RPS    Errors
        POST    /api/agents/{id}/query/natural   1220.0 ms   1240.0 ms   1240.0 ms        1.2   10.00 %
        GET     /api/health                        19.0 ms     38.0 ms     39.0 ms        3.8    0.00 %

        Recommendations
        ---------------
        - POST /api/agents/{id}/query/natural is slow: P95 1240.0 ms is above 1000 ms
        - POST /api/agents/{id}/query/natural fails often: 10.00 % errors are above 5 %
        - Overall: response time poor (P95 1232.0 ms), errors acceptable (2.50 %), throughput poor (5.0 req/s).
        ");
    }
}
