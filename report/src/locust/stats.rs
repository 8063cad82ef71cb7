//! `weir_stats.csv`: a row per task.

use super::columns::{AGGREGATED, head, load, push_content_size, push_mean_and_extremes, push_percentiles};
use crate::csv::{CsvFile, LineEnd, Row};
use crate::format::{Format, RenderError};
use weir_results::{Figures, Histogram, Report, Summary};

const COLUMNS: [&str; 11] = [
    "Type",
    "Name",
    "Request Count",
    "Failure Count",
    "Median Response Time",
    "Average Response Time",
    "Min Response Time",
    "Max Response Time",
    "Average Content Size",
    "Requests/s",
    "Failures/s",
];

/// Locust's request statistics. The time to first token is a separate row, `NAME (TTFT)`, which is not part of
/// `Aggregated`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stats;

impl Format for Stats {
    fn file_name(&self) -> &'static str {
        "weir_stats.csv"
    }

    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError> {
        let mut file = CsvFile::new(LineEnd::CrLf);
        file.push(&head(&COLUMNS, &[]))?;
        if let Some(summary) = load(report) {
            let mut lines: Vec<StatsRow<'_>> = summary
                .tasks
                .iter()
                .flat_map(|task| {
                    let line = StatsRow::of(&task.method, &task.name, &task.figures, summary);
                    let ttft = StatsRow::of_ttft(&task.method, &task.name, &task.figures);
                    [Some(line), ttft].into_iter().flatten()
                })
                .collect();
            lines.sort_by(|a, b| (&a.name, a.method).cmp(&(&b.name, b.method)));
            lines.push(StatsRow::of("", AGGREGATED, &summary.all, summary));
            for line in &lines {
                file.push(&line.row())?;
            }
        }
        file.into_bytes()
    }
}

/// The values of one row.
struct StatsRow<'a> {
    method: &'a str,
    name: String,
    requests: u64,
    failures: u64,
    latency: &'a Histogram,
    bytes: u64,
    requests_per_second: f64,
    failures_per_second: f64,
}

impl<'a> StatsRow<'a> {
    fn of(method: &'a str, name: &str, figures: &'a Figures, summary: &Summary) -> Self {
        Self {
            method,
            name: name.to_owned(),
            requests: figures.ended(),
            failures: figures.failed,
            latency: &figures.e2e,
            bytes: figures.bytes_received,
            requests_per_second: figures.rps
                + figures.failures_per_second
                + per_second(figures.rate_limited, summary),
            failures_per_second: figures.failures_per_second,
        }
    }

    fn of_ttft(method: &'a str, name: &str, figures: &'a Figures) -> Option<Self> {
        let latency = &figures.ttft;
        let share = latency.count() as f64 / figures.completed.max(1) as f64;
        (!latency.is_empty()).then(|| Self {
            method,
            name: format!("{name} (TTFT)"),
            requests: latency.count(),
            failures: 0,
            latency,
            bytes: 0,
            requests_per_second: figures.rps * share,
            failures_per_second: 0.0,
        })
    }

    fn row(&self) -> Row {
        let mut row = Row::default();
        row.text(self.method);
        row.text(&self.name);
        row.number(self.requests);
        row.number(self.failures);
        push_mean_and_extremes(&mut row, self.latency);
        push_content_size(&mut row, self.bytes, self.requests);
        row.fraction(self.requests_per_second);
        row.fraction(self.failures_per_second);
        push_percentiles(&mut row, self.latency, self.requests);
        row
    }
}

fn per_second(count: u64, summary: &Summary) -> f64 {
    let window_s = summary.window.measured_s;
    if window_s > 0.0 { count as f64 / window_s } else { 0.0 }
}
