//! A load on the page.

use super::super::{expected, units};
use super::chart::{Axis, Chart, Lines, Number, Rule, Series, Shade, Tone, Unit};
use super::density::density;
use super::percentiles;
use super::thin::thin;
use super::view::{Charts, FigureView, SectionView, Tile};
use crate::record::Histogram;
use crate::summary::{Figures, LoadKind, Phase, Second, Summary, Window};

pub(super) fn section(title: &str, summary: &Summary, charts: &mut Charts) -> SectionView {
    let mut tables = vec![percentiles::latencies(summary)];
    if summary.tasks.len() > 1 {
        tables.insert(0, percentiles::tasks(summary));
    }
    tables.extend(percentiles::failures(summary.all.failures.iter()));
    SectionView {
        title: title.to_owned(),
        about: about(summary),
        tiles: tiles(summary),
        figures: figures(summary, charts),
        tables,
    }
}

fn about(summary: &Summary) -> String {
    let loop_kind = match summary.load.kind {
        LoadKind::Closed => "closed loop: users wait for an answer before they go on",
        LoadKind::Open => "open loop: measured from the instant at which a request should have started",
    };
    format!(
        "Scenario {}: {}, {}. {} measured after {} of warm-up.",
        summary.scenario,
        expected::load_in_words(&summary.load),
        loop_kind,
        units::seconds(summary.window.measured_s),
        units::seconds(summary.window.warm_up_s),
    )
}

// ---- tiles ----

fn tiles(summary: &Summary) -> Vec<Tile> {
    let all = &summary.all;
    let mut tiles = vec![throughput(summary)];
    if all.output_tokens > 0 {
        let note = format!("{} tokens, counted from {}", units::count(all.output_tokens), all.token_source);
        tiles.push(Tile {
            unit: "tok/s",
            ..Tile::new("Token throughput", units::figure(all.tokens_per_second), note)
        });
    }
    let planned = all.ground_truth.as_ref().map(|truth| &truth.planned_total);
    tiles.push(match summary.load.kind {
        LoadKind::Closed => latency("Latency, median", &all.e2e, planned),
        LoadKind::Open => latency("Latency from schedule, median", &all.response_time, planned),
    });
    if !all.ttft.is_empty() {
        let planned = all.ground_truth.as_ref().map(|truth| &truth.planned_ttft);
        tiles.push(latency("Time to first token, median", &all.ttft, planned));
    }
    tiles.push(failures(all));
    tiles.extend(measurement_error(all));
    tiles
}

fn throughput(summary: &Summary) -> Tile {
    let rps = summary.all.rps;
    let note = expected::throughput(summary).map_or_else(
        || format!("{} completed", units::count(summary.all.completed)),
        |expected| {
            let share = units::percent(rps / expected.per_second);
            format!("{share} of {} = {}", units::figure(expected.per_second), expected.because)
        },
    );
    Tile { unit: "req/s", ..Tile::new("Throughput", units::figure(rps), note) }
}

fn latency(name: &'static str, histogram: &Histogram, planned: Option<&Histogram>) -> Tile {
    let at = |histogram: &Histogram, q| units::ms_or_none(histogram.quantile(q).map(units::to_ms));
    let mut note = format!("p95 {}, p99 {}", at(histogram, 0.95), at(histogram, 0.99));
    // Only a plan for the very same requests may stand beside them.
    if let Some(planned) = planned.filter(|planned| planned.count() == histogram.count()) {
        note.push_str(&format!("; the server planned {}", at(planned, 0.5)));
    }
    Tile::new(name, at(histogram, 0.5), note)
}

fn failures(all: &Figures) -> Tile {
    let ended = all.completed + all.failed + all.rate_limited;
    let mut note = format!("of {} requests", units::count(ended));
    if all.failed > 0 {
        note.push_str(&format!(", {}", units::percent(all.failed as f64 / ended as f64)));
    }
    if all.rate_limited > 0 {
        note.push_str(&format!("; {} rate limited, as expected", units::count(all.rate_limited)));
    }
    Tile { alarm: all.failed > 0, ..Tile::new("Failures", units::count(all.failed), note) }
}

fn measurement_error(all: &Figures) -> Option<Tile> {
    let truth = all.ground_truth.as_ref()?;
    let (what, error) =
        if truth.ttft_error.count() > 0 { ("TTFT", &truth.ttft_error) } else { ("e2e", &truth.e2e_error) };
    let p50 = units::ms(error.quantile_us(0.5)? / 1e3);
    let p99 = units::ms_or_none(error.quantile_us(0.99).map(|us| us / 1e3));
    let note = format!(
        "{what} seen − {what} the server delivered; p99 {p99}, {} answers",
        units::count(error.count())
    );
    Some(Tile::new("Measurement error, median", p50, note))
}

// ---- charts ----

fn figures(summary: &Summary, charts: &mut Charts) -> Vec<FigureView> {
    let (seconds, group) = thin(&summary.timeline);
    let mut figures = Vec::new();
    if !seconds.is_empty() {
        figures = over_time(summary, &Track { seconds: &seconds, window: &summary.window }, charts);
        if group > 1 {
            figures.iter_mut().for_each(|figure| figure.title.push_str(&format!(", by {group} s")));
        }
    }
    figures.extend(
        distribution(&summary.all).map(|chart| charts.frame("Distribution (log scale)", chart).wide()),
    );
    figures
}

fn over_time(summary: &Summary, track: &Track<'_>, charts: &mut Charts) -> Vec<FigureView> {
    let rules = expected::throughput(summary)
        .map(|expected| Rule { value: Number(expected.per_second), name: "expected", row: None })
        .into_iter()
        .collect();
    let completed = track.count("completed", Tone::Blue, |second| second.completed).filled();
    let throughput = track.lines(Unit::PerSecond, vec![completed], rules);
    let e2e = vec![
        track.latency("p50", Tone::Blue, |second| second.e2e_p50_ms),
        track.latency("p95", Tone::Amber, |second| second.e2e_p95_ms),
        track.latency("p99", Tone::Rose, |second| second.e2e_p99_ms),
    ];
    let mut figures = vec![
        charts.frame("Throughput", throughput),
        charts.frame("Latency (e2e)", track.lines(Unit::Ms, e2e, Vec::new())),
    ];
    if !summary.all.ttft.is_empty() {
        let ttft = vec![
            track.latency("p50", Tone::Blue, |second| second.ttft_p50_ms),
            track.latency("p95", Tone::Amber, |second| second.ttft_p95_ms),
        ];
        let itl = vec![track.latency("p50", Tone::Green, |second| second.itl_p50_ms)];
        figures.push(charts.frame("Time to first token", track.lines(Unit::Ms, ttft, Vec::new())));
        figures
            .push(charts.frame("Gap between tokens (ITL), median", track.lines(Unit::Ms, itl, Vec::new())));
    }
    let (population, title) = match summary.load.kind {
        LoadKind::Closed => ("users", "Users"),
        LoadKind::Open => ("in flight", "Requests in flight"),
    };
    let users = vec![track.count(population, Tone::Grey, |second| second.users).filled()];
    let mut errors = vec![track.count("failed", Tone::Red, |second| second.failed).filled()];
    if summary.all.rate_limited > 0 {
        errors.insert(0, track.count("rate limited", Tone::Amber, |second| second.rate_limited));
    }
    figures.push(charts.frame(title, track.lines(Unit::Count, users, Vec::new())));
    figures.push(charts.frame("Failures per second", track.lines(Unit::Count, errors, Vec::new())));
    figures
}

/// The seconds that all charts over time share.
struct Track<'a> {
    seconds: &'a [Second],
    window: &'a Window,
}

impl Track<'_> {
    fn lines(&self, unit: Unit, series: Vec<Series>, rules: Vec<Rule>) -> Chart {
        Chart::Lines(Lines {
            x: Axis::linear(Unit::S),
            y: Axis::linear(unit),
            at: self.seconds.iter().map(|second| Number(second.at_s as f64)).collect(),
            series,
            shade: self.shades(),
            rules,
        })
    }

    /// What is left out of the figures.
    fn shades(&self) -> Vec<Shade> {
        let warm_up_s = self.window.warm_up_s;
        let warm_up = Shade { from: Number(0.0), to: Number(warm_up_s), name: "warm-up" };
        let cooling = || self.seconds.iter().filter(|second| second.phase == Phase::CoolDown);
        let cool_down = cooling().next().zip(cooling().next_back()).map(|(first, last)| Shade {
            from: Number(first.at_s as f64),
            to: Number(last.at_s as f64),
            name: "cool-down",
        });
        (warm_up_s > 0.0).then_some(warm_up).into_iter().chain(cool_down).collect()
    }

    fn count(&self, name: &'static str, tone: Tone, figure: fn(&Second) -> u64) -> Series {
        let values = self.seconds.iter().map(|second| Some(Number(figure(second) as f64))).collect();
        Series { name, tone, fill: false, values }
    }

    fn latency(&self, name: &'static str, tone: Tone, figure: fn(&Second) -> Option<f64>) -> Series {
        Series {
            name,
            tone,
            fill: false,
            values: self.seconds.iter().map(|second| figure(second).map(Number)).collect(),
        }
    }
}

impl Series {
    fn filled(self) -> Self {
        Self { fill: true, ..self }
    }
}

fn distribution(all: &Figures) -> Option<Chart> {
    let measured =
        [("e2e", Tone::Blue, &all.e2e), ("TTFT", Tone::Amber, &all.ttft), ("ITL", Tone::Green, &all.itl)];
    let measured: Vec<_> = measured.into_iter().filter(|(.., histogram)| !histogram.is_empty()).collect();
    let histograms: Vec<&Histogram> = measured.iter().map(|(.., histogram)| *histogram).collect();
    let found = density(&histograms)?;
    let series = measured
        .iter()
        .zip(found.shares)
        .map(|((name, tone, _), values)| Series { name, tone: *tone, fill: true, values })
        .collect();
    Some(Chart::Lines(Lines {
        x: Axis::log(Unit::Ms),
        y: Axis::linear(Unit::Percent),
        at: found.at,
        series,
        shade: Vec::new(),
        rules: Vec::new(),
    }))
}
