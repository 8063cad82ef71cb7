//! Tables of percentiles.

use std::time::Duration;

use super::view::{Cell, Head, Table};
use weir_results::{Histogram, LoadKind, SignedHistogram, Summary, units};

const QUANTILES: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

/// Every latency of all tasks together, planned and measured values, and the measurement error.
pub(super) fn latencies(summary: &Summary) -> Table {
    let all = &summary.all;
    let mut named = vec![("e2e", &all.e2e)];
    if summary.load.kind == LoadKind::Open {
        named.extend([
            ("e2e, from schedule", &all.response_time),
            ("TTFT, from schedule", &all.ttft_scheduled),
        ]);
    }
    named.extend([
        ("TTFB", &all.ttfb),
        ("TTFT", &all.ttft),
        ("TTFO", &all.ttfo),
        ("ITL", &all.itl),
        ("ITL per token", &all.itl_per_token),
        ("TPOT", &all.tpot),
        ("turns of conversations", &all.turn_time),
    ]);
    named.push(("rate limited, e2e", &all.rate_limited_e2e));
    if let Some(truth) = &all.ground_truth {
        named.extend([
            ("TTFT, of those planned", &truth.measured_ttft),
            ("server: planned TTFT", &truth.planned_ttft),
            ("server: delivered TTFT", &truth.delivered_ttft),
            ("e2e, of those planned", &truth.measured_total),
            ("server: planned total", &truth.planned_total),
            ("server: delivered total", &truth.delivered_total),
            ("server: queue", &truth.queue),
        ]);
    }
    named.push(("generator: schedule lateness", &summary.generator.lateness));
    named.push(("generator: loop lag", &summary.generator.loop_lag));
    let mut rows: Vec<Vec<Cell>> = named
        .into_iter()
        .filter(|(_, histogram)| !histogram.is_empty())
        .map(|(name, of)| row(name, of))
        .collect();
    if let Some(truth) = &all.ground_truth {
        let errors = [("error: e2e", &truth.e2e_error), ("error: TTFT", &truth.ttft_error)];
        rows.extend(
            errors
                .into_iter()
                .filter(|(_, error)| error.count() > 0)
                .map(|(name, error)| error_row(name, error)),
        );
    }
    let mut head = vec![Head::words("figure"), Head::figures("samples"), Head::figures("mean")];
    head.extend(["p50", "p90", "p95", "p99", "p99.9", "max"].map(Head::figures));
    Table {
        caption: "Latency",
        note: "of completed requests; n/a where samples are too few".into(),
        head,
        rows,
    }
}

fn row(name: &str, histogram: &Histogram) -> Vec<Cell> {
    let mut cells = vec![Cell::words(name), Cell::count(histogram.count()), time(histogram.mean())];
    cells.extend(QUANTILES.map(|q| time(histogram.quantile(q))));
    cells.push(time(histogram.max()));
    cells
}

fn error_row(name: &str, error: &SignedHistogram) -> Vec<Cell> {
    let signed = |us: Option<f64>| Cell::ms(us.map(|us| us / 1e3));
    let mut cells = vec![Cell::words(name), Cell::count(error.count()), signed(error.mean_us())];
    cells.extend(QUANTILES.map(|q| signed(error.quantile_us(q))));
    cells.push(signed(error.quantile_us(1.0)));
    cells
}

pub(super) fn time(value: Option<Duration>) -> Cell {
    Cell::ms(value.map(units::to_ms))
}
