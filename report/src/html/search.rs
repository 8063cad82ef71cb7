//! A search on the page.

use super::chart::{Axis, Chart, Lines, Number, Rule, Series, Tone, Unit};
use super::percentiles;
use super::view::{Cell, Charts, FigureView, Head, SectionView, Table, Tile};
use weir_results::{ProbeSummary, SearchOver, SearchSummary, Threshold, units};

pub(super) fn section(title: &str, summary: &SearchSummary, charts: &mut Charts) -> SectionView {
    let mut tables = vec![probes(summary)];
    tables.extend(summary.best.as_deref().map(percentiles::latencies));
    SectionView {
        title: title.to_owned(),
        about: about(summary),
        tiles: tiles(summary),
        figures: against_load(summary, charts).into_iter().collect(),
        tables,
    }
}

fn about(summary: &SearchSummary) -> String {
    let limits = match summary.limits.as_slice() {
        [] => String::new(),
        limits => format!(" Limits: {}.", limits.join(", ")),
    };
    format!(
        "Scenario {}: {} raised by {} from {} until a limit failed, narrowed down to {}, and confirmed {} times; each \
         level was measured for {} after {} to settle, on connections of its own.{limits}",
        summary.scenario,
        summary.over,
        units::ratio(summary.step),
        summary.over.level_text(summary.from),
        units::percent(summary.precision),
        summary.confirm,
        units::seconds(summary.step_time_s),
        units::seconds(summary.settle_s),
    )
}

fn tiles(summary: &SearchSummary) -> Vec<Tile> {
    let level = |level| summary.over.level_text(level);
    let held = summary.held.map_or_else(|| units::NOT_AVAILABLE.to_owned(), level);
    let note = summary.failed.map_or_else(
        || "no level failed the limits".to_owned(),
        |failed| format!("the limits fail at {}", level(failed)),
    );
    let mut tiles = vec![Tile::new("Highest load", held, note)];
    let at_it = summary.probes.iter().rev().find(|probe| Some(probe.level) == summary.held);
    if let Some(probe) = at_it {
        let errors = format!("{} failed", units::percent(probe.error_share));
        tiles.push(Tile { unit: "req/s", ..Tile::new("Throughput there", units::figure(probe.rps), errors) });
        let median = format!("median {}", units::ms_or_none(probe.latency_p50_ms));
        tiles.push(Tile::new("Latency there, p95", units::ms_or_none(probe.latency_p95_ms), median));
    }
    tiles
}

/// Latency and throughput against the load; of a repeated level, the last probe.
fn against_load(summary: &SearchSummary, charts: &mut Charts) -> Vec<FigureView> {
    let mut probes: Vec<&ProbeSummary> = Vec::new();
    for probe in summary.probes.iter().rev() {
        if probes.iter().all(|later| later.level != probe.level) {
            probes.push(probe);
        }
    }
    probes.sort_by(|one, other| one.level.total_cmp(&other.level));
    if probes.len() < 2 {
        return Vec::new();
    }
    let (unit, over) = match summary.over {
        SearchOver::Users => (Unit::Count, "users"),
        SearchOver::Rate => (Unit::PerSecond, "arrivals per second"),
    };
    let chart = |title: &str, of: Unit, series, rules| {
        Chart::Lines(Lines {
            title: title.to_owned(),
            x: Axis::log(unit),
            y: Axis::linear(of),
            at: probes.iter().map(|probe| Number(probe.level)).collect(),
            series,
            shades: Vec::new(),
            rules,
            group: None,
        })
    };
    let line = |name, tone, figure: fn(&ProbeSummary) -> Option<f64>| Series {
        name,
        tone,
        fill: false,
        values: probes.iter().map(|probe| figure(probe).map(Number)).collect(),
    };
    let latency = vec![
        line("p50", Tone::Blue, |probe| probe.latency_p50_ms),
        line("p95", Tone::Amber, |probe| probe.latency_p95_ms),
    ];
    let throughput = vec![line("completed", Tone::Blue, |probe| Some(probe.rps))];
    vec![
        charts.frame(chart(
            &format!("Latency against load ({over})"),
            Unit::Ms,
            latency,
            latency_limits(summary),
        )),
        charts.frame(chart(
            &format!("Throughput against load ({over})"),
            Unit::PerSecond,
            throughput,
            Vec::new(),
        )),
    ]
}

/// Returns a line for each limit on e2e.
fn latency_limits(summary: &SearchSummary) -> Vec<Rule> {
    let limits = summary.limits.iter().filter_map(|limit| Threshold::parse(limit).ok()?.e2e_limit_ms());
    limits.map(|ms| Rule { value: Number(ms), name: "limit", row: None }).collect()
}

fn probes(summary: &SearchSummary) -> Table {
    let level = match summary.over {
        SearchOver::Users => "users",
        SearchOver::Rate => "rate",
    };
    let row = |probe: &ProbeSummary| {
        vec![
            Cell::words(probe.purpose.to_string()),
            Cell::figure(probe.level, summary.over.level_figure(probe.level)),
            Cell::figure(probe.rps, units::figure(probe.rps)),
            Cell::ms(probe.latency_p50_ms),
            Cell::ms(probe.latency_p95_ms),
            Cell::ms(probe.ttft_p95_ms),
            Cell::figure(probe.error_share, units::percent(probe.error_share)),
            Cell::words(probe.outcome.to_string()),
        ]
    };
    let mut head = vec![Head::words("probe")];
    head.extend([level, "req/s", "p50", "p95", "TTFT p95", "errors"].map(Head::figures));
    head.push(Head::words("limits"));
    Table {
        caption: "Probes",
        note: "in the order in which they were made".into(),
        head,
        rows: summary.probes.iter().map(row).collect(),
    }
}
