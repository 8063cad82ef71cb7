//! A load on the page.

use super::super::{expected, service};
use super::view::{Cell, Charts, Head, SectionView, Table, Tile};
use super::{distribution, failures, health, judgement, over_time, percentiles, tasks, watched};
use weir_results::{Figures, GroundTruth, Histogram, LoadKind, SUSTAINED_S, Summary, units};

pub(super) fn section(title: &str, summary: &Summary, charts: &mut Charts) -> SectionView {
    let tables = [
        judgement::thresholds(summary),
        judgement::advice(summary),
        tasks::classes(summary),
        tasks::tasks(summary),
        failures::of_tasks(summary),
        Some(service_table(summary)),
        Some(percentiles::latencies(summary)),
        Some(health::health(summary)),
    ];
    let mut figures = over_time::figures(summary, charts);
    figures.extend(watched::figures(&summary.watched, charts));
    figures.extend(distribution::figures(&summary.all, charts));
    SectionView {
        title: title.to_owned(),
        about: about(summary),
        tiles: tiles(summary),
        figures,
        tables: tables.into_iter().flatten().collect(),
    }
}

fn about(summary: &Summary) -> String {
    let loop_kind = match summary.load.kind {
        LoadKind::Closed => "closed loop: users wait for an answer before they go on",
        LoadKind::Open => "open loop: measured from the instant at which a request should have started",
    };
    format!(
        "Scenario {}: {}, {}. {}.",
        summary.scenario,
        expected::load_in_words(&summary.load),
        loop_kind,
        expected::window_in_words(&summary.window),
    )
}

/// Request rates over time, availability, and failures by group.
fn service_table(summary: &Summary) -> Table {
    let served = summary.service_figures();
    let rate = |rate: Option<f64>| {
        rate.map_or_else(Cell::none, |rate| Cell::figure(rate, format!("{} req/s", units::figure(rate))))
    };
    let available = served
        .availability
        .map_or_else(Cell::none, |share| Cell::figure(share, service::availability(share)));
    let sustained = format!("highest mean rate over {SUSTAINED_S} consecutive seconds");
    let mut rows = vec![
        (Cell::words("peak"), rate(served.peak_rps), "highest rate of completed requests in one second"),
        (Cell::words("sustained"), rate(served.sustained_rps), &*sustained),
        (Cell::words("availability"), available, "share of requests that did not fail"),
    ];
    let meanings = ["status 400 to 499", "status 500 to 599", "of any phase of a request", "all other kinds"];
    let groups = served.failures.named().into_iter().zip(meanings);
    rows.extend(groups.map(|((name, _, count), meaning)| {
        (Cell::words(format!("failures: {name}")), Cell::count(count), meaning)
    }));
    let rows =
        rows.into_iter().map(|(name, value, meaning)| vec![name, value, Cell::words(meaning)]).collect();
    let head = vec![Head::words("figure"), Head::figures("value"), Head::words("meaning")];
    Table { caption: "Rates and failures", note: "of the measured window".into(), head, rows }
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
    // Only where it is that of the same requests.
    let truth = all.ground_truth.as_ref();
    let planned = truth.and_then(GroundTruth::total_as_planned).map(|(_, planned)| planned);
    let planned = planned.filter(|planned| planned.count() == all.e2e.count());
    tiles.push(match summary.load.kind {
        LoadKind::Closed => latency("Latency, median", &all.e2e, planned),
        LoadKind::Open => latency("Latency from schedule, median", &all.response_time, planned),
    });
    if !all.ttft.is_empty() {
        let planned = truth.and_then(GroundTruth::ttft_as_planned).map(|(_, planned)| planned);
        let planned = planned.filter(|planned| planned.count() == all.ttft.count());
        tiles.push(latency("Time to first token, median", &all.ttft, planned));
    }
    tiles.push(failed(all));
    tiles.extend(judgement::tile(summary));
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
    let at = |histogram: &Histogram, q| units::time(histogram.quantile(q));
    let mut note = format!("p95 {}, p99 {}", at(histogram, 0.95), at(histogram, 0.99));
    // The plan is shown only if it covers the same requests.
    if let Some(planned) = planned.filter(|planned| planned.count() == histogram.count()) {
        note.push_str(&format!("; the server planned {}", at(planned, 0.5)));
    }
    Tile::new(name, at(histogram, 0.5), note)
}

fn failed(all: &Figures) -> Tile {
    let ended = all.ended();
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
