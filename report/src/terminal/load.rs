//! A load on the terminal.

use super::super::{expected, service, verdict};
use super::judgement;
use super::lines::{headed, labelled, labelled_lines, wrapped};
use super::paint::Page;
use super::table::Table;
use super::watched;
use weir_results::units::{self, time};
use weir_results::{Figures, GroundTruth, Histogram, LoadKind, SignedHistogram, Summary};

/// Tasks shown; the others are in the files.
const TASKS_MAX: usize = 8;
/// Kinds of failures shown.
const FAILURES_MAX: usize = 4;

/// The columns of latencies, each with the width of the page from which it is shown.
const LATENCIES: [(&str, usize); 10] = [
    ("latency", 0),
    ("mean", 0),
    ("p50", 0),
    ("p75", 140),
    ("p90", 100),
    ("p95", 0),
    ("p99", 0),
    ("p99.9", 80),
    ("max", 70),
    ("samples", 120),
];

/// The columns of tasks, each with the width of the page from which it is shown.
const TASKS: [(&str, usize); 12] = [
    ("task", 0),
    ("requests", 0),
    ("failed", 70),
    ("req/s", 0),
    ("tokens/s", 160),
    ("mean", 120),
    ("p50", 0),
    ("p95", 0),
    ("p99", 80),
    ("max", 100),
    ("TTFT p50", 140),
    ("TTFT p95", 140),
];

pub(super) fn lines(title: &str, summary: &Summary, page: Page) -> Vec<String> {
    let mut lines = headed(title, &done(title, summary), page);
    lines.extend(labelled_lines(page, "throughput", &throughput(summary)));
    if summary.all.output_tokens > 0 {
        lines.extend(labelled_lines(page, "tokens", &tokens(&summary.all)));
    }
    lines.extend(cost(&summary.all).into_iter().flat_map(|text| labelled_lines(page, "cost", &text)));
    lines.extend(failures(summary, page));
    lines.extend(latencies(summary, page).lines());
    if summary.tasks.len() > 1 {
        lines.extend(tasks(summary, page));
    }
    lines.extend(watched::table(&summary.watched, page).into_iter().flat_map(|table| table.lines()));
    let error = measurement_error(&summary.all).into_iter();
    lines.extend(error.flat_map(|text| labelled_lines(page, "measurement error", &text)));
    lines.extend(judgement::lines(summary, page));
    lines
}

/// The load and its window; the scenario's name too, unless it is the title.
fn done(title: &str, summary: &Summary) -> String {
    let scenario =
        if title == summary.scenario { String::new() } else { format!("{} · ", summary.scenario) };
    let load = expected::load_in_words(&summary.load);
    format!("{scenario}{load} · {}", expected::window_in_words(&summary.window))
}

fn throughput(summary: &Summary) -> String {
    let rps = summary.all.rps;
    let mut text = format!("{} req/s", units::figure(rps));
    if let Some(expected) = expected::throughput(summary) {
        let share = units::percent(rps / expected.per_second);
        text.push_str(&format!(
            "   {share} of {} = {}",
            units::figure(expected.per_second),
            expected.because
        ));
    }
    text
}

fn tokens(all: &Figures) -> String {
    let mut text = format!("{} tokens/s", units::figure(all.tokens_per_second));
    text.push_str(&format!(
        "   {} in all, counted from {}",
        units::count(all.output_tokens),
        all.token_source
    ));
    if let Some(tokens) = all.tokens_per_event() {
        text.push_str(&format!("   {} per content event", units::figure(tokens)));
    }
    text
}

/// The cost of the tokens, if their models have prices.
fn cost(all: &Figures) -> Option<String> {
    let usd = all.cost_usd?;
    let of_a_thousand = units::dollars(usd * 1e3 / all.completed.max(1) as f64);
    let mut text = format!("{}   {of_a_thousand} for 1 000 requests", units::dollars(usd));
    text.push_str(&format!("   {} input tokens", units::count(all.input_tokens)));
    if all.cached_tokens > 0 {
        let share = all.cached_tokens as f64 / all.input_tokens.max(1) as f64;
        text.push_str(&format!(", {} cached", units::percent(share)));
    }
    Some(text)
}

/// The number of failures and the request rates; then each kind of failure with its first message.
fn failures(summary: &Summary, page: Page) -> Vec<String> {
    let all = &summary.all;
    let ended = all.ended();
    let mut text = format!("{} of {}", units::count(all.failed), units::count(ended));
    if all.failed > 0 {
        text.push_str(&format!(" ({})", units::percent(all.failed as f64 / ended as f64)));
    }
    if let Some(rates) = service::rates(&summary.service_figures()) {
        text.push_str(&format!("   {rates}"));
    }
    if all.rate_limited > 0 {
        text.push_str(&format!("   {} rate limited, as expected", units::count(all.rate_limited)));
    }
    let mut lines = labelled_lines(page, "failures", &text);
    lines.extend(kinds(all, page));
    if all.failed > 0 {
        lines.iter_mut().for_each(|line| *line = page.style.error(line));
    }
    lines
}

/// The kinds of failures with the first message of each, the most frequent first.
fn kinds(all: &Figures, page: Page) -> Vec<String> {
    let kinds = verdict::failures_by_count(&all.failures);
    let mut shown: Vec<String> = kinds
        .iter()
        .take(FAILURES_MAX)
        .map(|(kind, failure)| {
            let message = verdict::message(failure);
            let colon = if message.is_empty() { "" } else { ": " };
            format!("{} × {kind}{colon}{message}", units::count(failure.count))
        })
        .collect();
    if kinds.len() > FAILURES_MAX {
        shown.push("…".to_owned());
    }
    shown.iter().flat_map(|kind| wrapped(page, "    ", kind)).collect()
}

/// All latencies of a single task; of several tasks, only those that can be pooled.
fn latencies(summary: &Summary, page: Page) -> Table {
    let mut table = Table::new(page, &LATENCIES);
    let all = &summary.all;
    let truth = all.ground_truth.as_ref();
    percentiles(&mut table, "e2e", &all.e2e);
    planned(&mut table, &all.e2e, truth.and_then(GroundTruth::total_as_planned));
    if summary.load.kind == LoadKind::Open {
        percentiles(&mut table, "from schedule", &all.response_time);
    }
    percentiles(&mut table, "TTFT", &all.ttft);
    if summary.tasks.len() > 1 {
        percentiles(&mut table, "turns", &all.turn_time);
        return table;
    }
    planned(&mut table, &all.ttft, truth.and_then(GroundTruth::ttft_as_planned));
    percentiles(&mut table, "ITL", &all.itl);
    percentiles(&mut table, "  per token", &all.itl_per_token);
    percentiles(&mut table, "TPOT", &all.tpot);
    percentiles(&mut table, "turns", &all.turn_time);
    table
}

/// Adds the planned values of the server below those of `all` requests. If it planned only some of them, the client's values
/// of these come first.
fn planned(table: &mut Table, all: &Histogram, truth: Option<(&Histogram, &Histogram)>) {
    let Some((measured, planned)) = truth else { return };
    if measured.count() != all.count() {
        percentiles(table, "  of planned", measured);
    }
    percentiles(table, "  planned", planned);
}

/// Adds a row of percentiles, unless the figure was not measured.
fn percentiles(table: &mut Table, label: &str, histogram: &Histogram) {
    if histogram.is_empty() {
        return;
    }
    let mut cells = vec![label.to_owned(), time(histogram.mean())];
    cells.extend([0.5, 0.75, 0.9, 0.95, 0.99, 0.999].map(|q| time(histogram.quantile(q))));
    cells.extend([time(histogram.max()), units::count(histogram.count())]);
    table.row(cells);
}

fn tasks(summary: &Summary, page: Page) -> Vec<String> {
    let mut table = Table::new(page, &TASKS);
    for task in summary.tasks.iter().take(TASKS_MAX) {
        let figures = &task.figures;
        let mut cells = vec![
            task.name.clone(),
            units::count(figures.completed),
            units::count(figures.failed),
            units::figure(figures.rps),
        ];
        cells.push(units::figure(figures.tokens_per_second));
        cells.push(time(figures.e2e.mean()));
        cells.extend([0.5, 0.95, 0.99].map(|q| time(figures.e2e.quantile(q))));
        cells.push(time(figures.e2e.max()));
        cells.extend([0.5, 0.95].map(|q| time(figures.ttft.quantile(q))));
        table.row(cells);
    }
    let mut lines = table.lines();
    let others = summary.tasks.len().saturating_sub(TASKS_MAX);
    if others > 0 {
        let tasks = if others == 1 { "task is" } else { "tasks are" };
        lines.push(labelled("", &format!("{others} more {tasks} in the files")));
    }
    lines
}

fn measurement_error(all: &Figures) -> Option<String> {
    let truth = all.ground_truth.as_ref()?;
    let parts: Vec<String> = [("e2e", &truth.e2e_error), ("TTFT", &truth.ttft_error)]
        .into_iter()
        .filter_map(|(name, error)| Some(format!("{name} {}", error_in_words(error)?)))
        .collect();
    if parts.is_empty() {
        return None;
    }
    Some(format!("{}   of {} answers", parts.join(", "), units::count(truth.samples)))
}

/// Returns `p50 84 µs p99 310 µs`; `None` without samples.
pub(super) fn error_in_words(error: &SignedHistogram) -> Option<String> {
    let p50 = units::ms(error.quantile_us(0.5)? / 1e3);
    let p99 = error.quantile_us(0.99).map(|us| us / 1e3);
    Some(format!("p50 {p50} p99 {}", units::ms_or_none(p99)))
}
