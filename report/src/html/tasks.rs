//! Tables of tasks and of user classes.

use super::percentiles::time;
use super::view::{Cell, Head, Table};
use weir_results::{Figures, Histogram, Summary, units};

/// One row per task; `None` for a single task.
pub(super) fn tasks(summary: &Summary) -> Option<Table> {
    let rows = summary.tasks.iter().map(|task| (task.name.as_str(), &task.figures));
    table("Tasks", "task", rows.collect())
}

/// One row per user class; `None` for a single class.
pub(super) fn classes(summary: &Summary) -> Option<Table> {
    let rows = summary.classes.iter().map(|class| (class.name.as_str(), &class.figures));
    table("User classes", "class", rows.collect())
}

/// Streams have additional columns, if there are any.
fn table(caption: &'static str, name: &'static str, parts: Vec<(&str, &Figures)>) -> Option<Table> {
    if parts.len() < 2 {
        return None;
    }
    let streams = parts.iter().any(|(_, figures)| !figures.ttft.is_empty());
    let mut head = vec![Head::words(name)];
    head.extend(
        ["completed", "failed", "rate limited", "req/s", "p50", "p95", "p99", "max"].map(Head::figures),
    );
    if streams {
        head.extend(["TTFT p50", "TTFT p95", "ITL p50", "tok/s"].map(Head::figures));
    }
    let rows = parts.into_iter().map(|(name, figures)| {
        let mut cells = row(name, figures);
        if streams {
            cells.extend(streamed(figures));
        }
        cells
    });
    Some(Table { caption, note: "e2e of completed requests".into(), head, rows: rows.collect() })
}

fn row(name: &str, figures: &Figures) -> Vec<Cell> {
    let failed = Cell { class: if figures.failed > 0 { "bad" } else { "" }, ..Cell::count(figures.failed) };
    let mut cells =
        vec![Cell::words(name), Cell::count(figures.completed), failed, Cell::count(figures.rate_limited)];
    cells.push(Cell::figure(figures.rps, units::figure(figures.rps)));
    cells.extend([0.5, 0.95, 0.99].map(|q| time(figures.e2e.quantile(q))));
    cells.push(time(figures.e2e.max()));
    cells
}

fn streamed(figures: &Figures) -> [Cell; 4] {
    let at = |histogram: &Histogram, q| time(histogram.quantile(q));
    let tokens = match figures.output_tokens {
        0 => Cell::none(),
        _ => Cell::figure(figures.tokens_per_second, units::figure(figures.tokens_per_second)),
    };
    [at(&figures.ttft, 0.5), at(&figures.ttft, 0.95), at(&figures.itl, 0.5), tokens]
}
