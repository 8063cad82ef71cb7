//! Measurement error of `weir load` relative to the delays reported by the server.

use anyhow::{Context as _, Result};
use serde::Deserialize as _;
use weir_results::SignedHistogram;

use super::BenchContext;
use crate::{
    load_run::{LoadRun, chat_scenario, figure},
    noise_floor::measure_noise_floor,
    options::Length,
    server::Server,
    table::{Row, Verdict},
};

const STREAMS: u32 = 500;
const TOKENS: u32 = 50;
/// Deadlines of each task of the noise floor.
const BEATS: u32 = 100;

/// TTFT observed by the client minus TTFT delivered by the server.
pub(super) fn rows(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    let seconds = match context.length {
        Length::Full => 11,
        Length::Quick => 6,
    };
    let before = measure_noise_floor(context.machine, STREAMS, BEATS)?;
    let server = Server::weir(context.machine, &[])?;
    let run = LoadRun::start(&server, &chat_scenario("steady", STREAMS, TOKENS, true, seconds))?;
    let summary = run.summary()?;
    drop(server);
    let after = measure_noise_floor(context.machine, STREAMS, BEATS)?;
    let floor_us = before.p99_us.max(after.p99_us);
    let error = summary.pointer("/all/ground_truth/ttft_error").context("the summary holds no error")?;
    let error = SignedHistogram::deserialize(error).context("the error is not one of weir's")?;
    let quantile = |q: f64| error.quantile_us(q).context("there are too few streams");
    let (p50, p99) = (quantile(0.5)?, quantile(0.99)?);
    let samples = figure(&summary, "/all/ground_truth/samples")?;
    let row = |name: &str, measured: f64, floor_us: f64, needed: &str, met: bool| Row {
        name: format!("weir load, {STREAMS} × 50 tokens/s, TTFT error {name}"),
        measured: format!("{measured:.0} µs"),
        beside: format!("{floor_us:.0} µs"),
        ratio: Some(measured / floor_us),
        needed: needed.to_owned(),
        verdict: Verdict::of(met),
        note: None,
    };
    let p50_row = row("p50", p50, before.p50_us.max(after.p50_us), "≤ 100 µs", p50.abs() <= 100.0);
    let p99_row =
        row("p99", p99, floor_us, "≤ 600 µs or 2 × floor", p99.abs() <= f64::max(600.0, 2.0 * floor_us));
    Ok(vec![Row { note: Some(format!("{samples:.0} streams")), ..p50_row }, p99_row])
}
