//! Throughput, accuracy and memory of `weir load`.

use std::time::Duration;

use anyhow::{Result, ensure};
use weir_pace::{Clock, TimerConfig};

use super::{BenchContext, client_runtime, median};
use crate::{
    load_run::{LoadRun, chat_scenario, figure},
    noise_floor::measure_noise_floor,
    options::Length,
    server::{Server, resident_kib},
    table::{Row, Verdict},
};

const CONNECTIONS: u32 = 64;
const TOKENS: u32 = 64;
const STREAMED_NEEDED: f64 = 20_000.0;

/// Arrivals per second of the open loop.
const RATE: u32 = 5_000;
const LATENESS_US_MAX: f64 = 500.0;

/// Allowed growth of resident memory between the first seconds and the end of a long run.
const GROWTH_MAX: f64 = 1.1;

/// Streamed responses without delay, with every event read, timestamped and counted.
pub(super) fn streamed(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    let server = Server::weir(context.machine, &[])?;
    let rounds = match context.length {
        Length::Full => 3,
        Length::Quick => 1,
    };
    let rate = || -> Result<f64> {
        let scenario = chat_scenario("instant", CONNECTIONS, TOKENS, true, 6);
        let summary = LoadRun::start(&server, &scenario)?.summary()?;
        ensure!(figure(&summary, "/all/failed")? == 0.0, "requests of weir load failed");
        figure(&summary, "/all/rps")
    };
    let per_second = median((0..rounds).map(|_| rate()).collect::<Result<_>>()?);
    Ok(vec![Row {
        name: format!("weir load, streamed requests of {TOKENS} events on one core"),
        measured: format!("{per_second:.0} req/s"),
        beside: format!("{:.2} M events/s", per_second * f64::from(TOKENS) / 1e6),
        ratio: None,
        needed: format!("≥ {STREAMED_NEEDED:.0} req/s"),
        verdict: Verdict::of(per_second >= STREAMED_NEEDED),
        note: Some("from weir serve on the other core".to_owned()),
    }])
}

/// Arrivals at a fixed rate, compared with the noise floor at the same rate.
pub(super) fn arrivals(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    const TASKS: u32 = 100;
    let before = measure_noise_floor(context.machine, TASKS, 100)?;
    let server = Server::weir(context.machine, &[])?;
    let scenario = format!(
        "[load]\nrate = \"{RATE}/s\"\nrun_time = \"8s\"\nwarm_up = \"2s\"\n[[user.u.task]]\nname = \"chat\"\n\
         request = {{ kind = \"openai.chat\", model = \"instant\", prompt = \"Say something.\", max_tokens = 8 }}\n"
    );
    let summary = LoadRun::start(&server, &scenario)?.summary()?;
    drop(server);
    let after = measure_noise_floor(context.machine, TASKS, 100)?;
    let floor_us = before.p99_us.max(after.p99_us);
    let (p50, p99) =
        (figure(&summary, "/generator/lateness/p50_us")?, figure(&summary, "/generator/lateness/p99_us")?);
    let done = figure(&summary, "/all/rps")?;
    Ok(vec![Row {
        name: format!("weir load, {RATE} arrivals/s, start against schedule p99"),
        measured: format!("{p99:.0} µs"),
        beside: format!("{floor_us:.0} µs"),
        ratio: Some(p99 / floor_us),
        needed: format!("≤ {LATENESS_US_MAX:.0} µs"),
        verdict: Verdict::of(p99 <= LATENESS_US_MAX),
        note: Some(format!("p50 {p50:.0} µs; {done:.0} req/s answered")),
    }])
}

/// Resident memory early and late in a run at full speed, equivalent to an hour of normal load.
pub(super) fn growth(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    let seconds = match context.length {
        Length::Full => 65,
        Length::Quick => 20,
    };
    let server = Server::weir(context.machine, &[])?;
    let run = LoadRun::start(&server, &chat_scenario("instant", CONNECTIONS, TOKENS, true, seconds))?;
    let (early, late) = client_runtime()?.block_on(async {
        let clock = Clock::start(TimerConfig::default())?;
        clock.sleep(Duration::from_secs(8)).await;
        let early = resident_kib(run.pid())?;
        clock.sleep(Duration::from_secs(u64::from(seconds) - 10)).await;
        anyhow::Ok((early, resident_kib(run.pid())?))
    })?;
    let summary = run.summary()?;
    let growth = late as f64 / early as f64;
    Ok(vec![Row {
        name: "weir load, resident memory after a minute at full speed".to_owned(),
        measured: format!("{:.1} MiB", late as f64 / 1024.0),
        beside: format!("{:.1} MiB", early as f64 / 1024.0),
        ratio: Some(growth),
        needed: format!("≤ {GROWTH_MAX} × after 8 s"),
        verdict: Verdict::of(growth <= GROWTH_MAX),
        note: Some(format!("{:.0} requests", figure(&summary, "/all/completed")?)),
    }])
}
