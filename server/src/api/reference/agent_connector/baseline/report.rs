//! A baseline as a text to read.

use std::fmt::{self, Display};

use super::figures::{Baseline, Metric};

/// A baseline as a text to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Report<'a>(pub(super) &'a Baseline);

impl Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(baseline) = self;
        title(f, "Performance Baseline Report", '=')?;
        line(f, "Baseline", &baseline.baseline_id)?;
        line(f, "Made", &baseline.timestamp)?;
        line(f, "Test duration", &format_args!("{:.1} s", baseline.test_duration_seconds))?;
        line(f, "Requests", &baseline.total_requests)?;
        line(f, "Concurrent users", &baseline.concurrent_users)?;

        let summary = &baseline.summary;
        writeln!(f)?;
        title(f, "Overall Summary", '-')?;
        line(f, "Average response", &format_args!("{:.1} ms", summary.overall_avg_response_time))?;
        line(f, "P95 response", &format_args!("{:.1} ms", summary.overall_p95_response_time))?;
        line(f, "Errors", &format_args!("{:.2} %", summary.overall_error_rate))?;
        line(f, "Throughput", &format_args!("{:.1} req/s", summary.total_requests_per_second))?;

        writeln!(f)?;
        title(f, "Endpoint Performance", '-')?;
        endpoints(f, &baseline.metrics)?;

        writeln!(f)?;
        title(f, "Recommendations", '-')?;
        baseline.recommendations.iter().try_for_each(|said| writeln!(f, "- {said}"))
    }
}

fn title(f: &mut fmt::Formatter<'_>, text: &str, under: char) -> fmt::Result {
    writeln!(f, "{text}")?;
    text.chars().try_for_each(|_| write!(f, "{under}"))?;
    writeln!(f)
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, value: &dyn Display) -> fmt::Result {
    writeln!(f, "{name:<18}{value}")
}

fn endpoints(f: &mut fmt::Formatter<'_>, metrics: &[Metric]) -> fmt::Result {
    let width = |heading: &str, of: fn(&Metric) -> &str| {
        let widths = metrics.iter().map(|metric| of(metric).chars().count());
        widths.max().unwrap_or_default().max(heading.len())
    };
    let methods = width("METHOD", |metric| &metric.method);
    let paths = width("ENDPOINT", |metric| &metric.endpoint);
    let (p50, p95, p99) = ("P50 ms", "P95 ms", "P99 ms");
    writeln!(
        f,
        "{:<methods$}  {:<paths$}  {p50:>9}  {p95:>9}  {p99:>9}  {:>9}  {:>8}",
        "METHOD", "ENDPOINT", "RPS", "ERRORS"
    )?;
    for metric in metrics {
        writeln!(
            f,
            "{:<methods$}  {:<paths$}  {:>9.1}  {:>9.1}  {:>9.1}  {:>9.1}  {:>6.2} %",
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
    fn the_report_has_its_sections() {
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
        insta::assert_snapshot!(Report(&baseline), @"");
    }
}
