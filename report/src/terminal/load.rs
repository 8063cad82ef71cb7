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

/// The columns of tasks, each with the width of the page from which it is shown. Those with `plan` are shown if a server
/// planned the delays of a task.
const TASKS: [(&str, usize); 14] = [
    ("task", 0),
    ("requests", 0),
    ("failed", 70),
    ("req/s", 0),
    ("tokens/s", 160),
    ("mean", 120),
    ("p50", 0),
    (E2E_PLAN, 100),
    ("p95", 0),
    ("p99", 80),
    ("max", 100),
    ("TTFT p50", 140),
    (TTFT_PLAN, 160),
    ("TTFT p95", 140),
];

/// The columns of the planned medians.
const E2E_PLAN: &str = "plan p50";
const TTFT_PLAN: &str = "TTFT plan";

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
    let shown = || summary.tasks.iter().take(TASKS_MAX).map(|task| (task.name.as_str(), &task.figures));
    let is_planned = |plan: Plan| shown().any(|(_, figures)| plan(figures).is_some());
    let (e2e, ttft) = (is_planned(e2e_plan), is_planned(ttft_plan));
    let columns = TASKS.map(|(name, from)| match name {
        E2E_PLAN if !e2e => (name, usize::MAX),
        TTFT_PLAN if !ttft => (name, usize::MAX),
        _ => (name, from),
    });
    let mut table = Table::new(page, &columns);
    for (name, figures) in shown() {
        let of_all = |plan: Plan| plan(figures).filter(|(measured, _)| is_of_all(measured, figures));
        let mut cells = vec![
            name.to_owned(),
            units::count(figures.completed),
            units::count(figures.failed),
            units::figure(figures.rps),
            units::figure(figures.tokens_per_second),
        ];
        cells.extend(times(&figures.e2e, of_all(e2e_plan), &figures.ttft, of_all(ttft_plan)));
        table.row(cells);
        if let Some(cells) = of_planned(figures) {
            table.row(cells);
        }
    }
    let mut lines = table.lines();
    let others = summary.tasks.len().saturating_sub(TASKS_MAX);
    if others > 0 {
        let tasks = if others == 1 { "task is" } else { "tasks are" };
        lines.push(labelled("", &format!("{others} more {tasks} in the files")));
    }
    lines
}

/// The client's and the planned values of the same requests.
type Planned<'a> = (&'a Histogram, &'a Histogram);
type Plan = fn(&Figures) -> Option<Planned<'_>>;

fn e2e_plan(figures: &Figures) -> Option<Planned<'_>> {
    figures.ground_truth.as_ref()?.total_as_planned()
}

fn ttft_plan(figures: &Figures) -> Option<Planned<'_>> {
    figures.ground_truth.as_ref()?.ttft_as_planned()
}

/// Whether the requests whose delays were planned are all that completed.
fn is_of_all(measured: &Histogram, figures: &Figures) -> bool {
    measured.count() == figures.e2e.count()
}

/// The cells of latencies of a task.
fn times(
    e2e: &Histogram,
    e2e_plan: Option<Planned<'_>>,
    ttft: &Histogram,
    ttft_plan: Option<Planned<'_>>,
) -> Vec<String> {
    let median = |plan: Option<Planned<'_>>| time(plan.and_then(|(_, planned)| planned.quantile(0.5)));
    let mut cells = vec![time(e2e.mean()), time(e2e.quantile(0.5)), median(e2e_plan)];
    cells.extend([0.95, 0.99].map(|q| time(e2e.quantile(q))));
    cells.extend([time(e2e.max()), time(ttft.quantile(0.5)), median(ttft_plan), time(ttft.quantile(0.95))]);
    cells
}

/// The row of the requests of a task whose delays were planned, if these are not all.
fn of_planned(figures: &Figures) -> Option<Vec<String>> {
    let (e2e, ttft) = (e2e_plan(figures), ttft_plan(figures));
    let (measured, _) = e2e.or(ttft).filter(|(measured, _)| !is_of_all(measured, figures))?;
    let none = Histogram::default();
    let client = |plan: Option<Planned<'_>>| plan.map_or(none.clone(), |(measured, _)| measured.clone());
    let mut cells = vec!["  of planned".to_owned(), units::count(measured.count())];
    cells.extend([(); 3].map(|()| String::new()));
    cells.extend(times(&client(e2e), e2e, &client(ttft), ttft));
    Some(cells)
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::paint::Style;
    use super::*;
    use weir_results::fixture;

    #[test]
    fn tasks_of_partly_planned_requests_have_a_row_of_the_planned_ones() {
        let mut summary = fixture::mix();
        summary.tasks.truncate(2);
        let mut truth = GroundTruth::default();
        truth.measured_total.record(Duration::from_millis(120));
        truth.planned_total.record(Duration::from_millis(100));
        summary.tasks[0].figures.ground_truth = Some(truth);
        let lines = tasks(&summary, Page::new(Style::Plain, 100));
        insta::assert_snapshot!(lines.join("\n"), @"
        task                requests    failed     req/s       p50  plan p50       p95       p99       max
        chain                    548         0      27.4    450 ms       n/a    694 ms    884 ms    1.26 s
          of planned               1                        120 ms    100 ms    120 ms       n/a    120 ms
        llm                      329         5      16.4    380 ms    380 ms    586 ms    740 ms    987 ms
        ");
        for task in &mut summary.tasks {
            task.figures.ground_truth = None;
        }
        let lines = tasks(&summary, Page::new(Style::Plain, 200));
        assert!(lines.len() == 3 && !lines.join("\n").contains("plan"), "{lines:?}");
    }
}
