//! Overhead of the chain executor.

use std::{fs, time::Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{BenchContext, client_runtime, median};
use crate::{
    client::{self, Connection},
    comparison::{Side, compare},
    options::Length,
    server::Server,
    table::{Row, Verdict},
};

const PARALLEL: &str = "x-enable-parallel: true\r\n";
/// More than the size of the largest response.
const BUFFER_BYTES: usize = 64 << 10;
/// Steps in the chain whose overhead is measured.
const STEPS: u32 = 100;

/// Five independent steps of 2 s.
pub(super) fn parallel(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    let runs = match context.length {
        Length::Full => 3,
        Length::Quick => 1,
    };
    let wall = median(walls(context, &chain(5, "2s"), runs)?.into_iter().map(|run| run.answered_s).collect());
    Ok(vec![Row {
        name: "5 independent steps of 2 s in parallel".to_owned(),
        measured: format!("{wall:.4} s"),
        beside: "2.0000 s".to_owned(),
        ratio: Some(wall / 2.0),
        needed: "≤ 2.01 s".to_owned(),
        verdict: Verdict::of(wall <= 2.01),
        note: Some("request to answer, seen by the client".to_owned()),
    }])
}

/// A hundred steps without delay, each of which needs the previous one and calls the model: every kind of overhead of
/// the executor.
pub(super) fn overhead(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    let runs = walls(context, &in_a_row(STEPS), 50)?;
    let step_us = median(runs.iter().map(|run| run.reported_ms * 1e3 / f64::from(STEPS)).collect());
    Ok(vec![Row {
        name: format!("chain executor, overhead a step of {STEPS} in a row"),
        measured: format!("{step_us:.2} µs"),
        beside: String::new(),
        ratio: None,
        needed: "≤ 50 µs".to_owned(),
        verdict: Verdict::of(step_us <= 50.0),
        note: Some("each asks the model \"instant\" for one token, which is counted in".to_owned()),
    }])
}

/// Runs per second over HTTP of a chain of three independent steps.
pub(super) fn runs(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir().context("cannot make a folder")?;
    let file = folder.path().join("chains.toml");
    fs::write(&file, chain(3, "0s")).context("cannot write the chain")?;
    let server = Server::weir(context.machine, &["--chains", &file.display().to_string()])?;
    let mut ours = Side::new(server, client::post("/api/chains/bench", PARALLEL, "{}"));
    let mut ceiling = Side::new(Server::ceiling(context.machine)?, client::chat("instant", 64, false));
    compare(context, &mut ours, &mut ceiling)?;
    let ratio = ours.per_second() / ceiling.per_second();
    Ok(vec![Row {
        name: "chain of 3 parallel steps, no delay".to_owned(),
        measured: format!("{:.0} runs/s", ours.per_second()),
        beside: format!("{:.0} req/s", ceiling.per_second()),
        ratio: Some(ratio),
        needed: "≥ 15 000 runs/s".to_owned(),
        verdict: Verdict::of(ours.per_second() >= 15_000.0),
        note: Some(format!("weir {}; ceiling, plain chat: {}", ours.note(), ceiling.note())),
    }])
}

/// 1 000 LLM calls of 100 ms, at most 50 concurrently, the server's default limit.
pub(super) fn capped(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    let calls: String = (0..1_000)
        .map(|step| {
            format!(
                "[chain.bench.step.s{step}]\nllm = {{ model = \"instant\", prompt = \"Go.\", max_tokens = 1, total = \"100ms\" }}\n"
            )
        })
        .collect();
    let reported_ms = median(walls(context, &calls, 5)?.iter().map(|run| run.reported_ms).collect());
    let over = reported_ms / 2_000.0 - 1.0;
    Ok(vec![Row {
        name: "1000 LLM steps of 100 ms, 50 at once".to_owned(),
        measured: format!("{:.4} s", reported_ms / 1e3),
        beside: "2.0000 s".to_owned(),
        ratio: Some(reported_ms / 2_000.0),
        needed: "≤ 0.5 % over".to_owned(),
        verdict: Verdict::of(over <= 0.005),
        note: Some(format!("{:.2} % over what twenty rounds of 100 ms take", over * 100.0)),
    }])
}

/// A cache hit of the prompt service, end to end.
pub(super) fn cache_hit(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    /// Well below the hourly limit of the key.
    const HITS: u32 = 500;
    let server = Server::weir(context.machine, &[])?;
    let key = "x-api-key: sp_e7f0e18bb662f3bee755f3bd6b7ee0f2f3326a6373025b4954808938da0deb2f\r\n";
    let request = client::post("/v1/analyze/", key, r#"{"prompt":"Where is my order?","temperature":0.2}"#);
    let took_us = client_runtime()?.block_on(async {
        let mut connection = Connection::open(server.address(), BUFFER_BYTES).await?;
        connection.fetch(&request).await?;
        let mut took_us = Vec::new();
        for _ in 0..HITS {
            let start = Instant::now();
            let answer = connection.fetch(&request).await?;
            took_us.push(start.elapsed().as_secs_f64() * 1e6);
            let answer: Value = serde_json::from_slice(&answer).context("the answer is not JSON")?;
            ensure!(answer.get("cached") == Some(&Value::Bool(true)), "not from the cache: {answer}");
        }
        Ok(took_us)
    })?;
    let median_us = median(took_us);
    Ok(vec![Row {
        name: "prompt service, cache hit".to_owned(),
        measured: format!("{median_us:.0} µs"),
        beside: String::new(),
        ratio: None,
        needed: "≤ 100 µs".to_owned(),
        verdict: Verdict::of(median_us <= 100.0),
        note: Some("median, request to answer, seen by the client".to_owned()),
    }])
}

#[derive(Clone, Copy, Debug)]
struct Run {
    /// Measured by the client.
    answered_s: f64,
    /// Reported by the server.
    reported_ms: f64,
}

fn walls(context: &BenchContext<'_>, chain: &str, runs: u32) -> Result<Vec<Run>> {
    let folder = tempfile::tempdir().context("cannot make a folder")?;
    let file = folder.path().join("chains.toml");
    fs::write(&file, chain).context("cannot write the chain")?;
    let server = Server::weir(context.machine, &["--chains", &file.display().to_string()])?;
    let request = client::post("/api/chains/bench", PARALLEL, "{}");
    client_runtime()?.block_on(async {
        let mut connection = Connection::open(server.address(), BUFFER_BYTES).await?;
        let mut measured = Vec::new();
        for _ in 0..runs {
            let start = Instant::now();
            let answer = connection.fetch(&request).await?;
            let answered_s = start.elapsed().as_secs_f64();
            let answer: Value = serde_json::from_slice(&answer).context("the answer is not JSON")?;
            let reported = answer.pointer("/metadata/elapsed_ms").and_then(Value::as_f64);
            measured.push(Run { answered_s, reported_ms: reported.context("the answer has no time")? });
        }
        Ok(measured)
    })
}

/// Independent tool steps.
fn chain(steps: u32, takes: &str) -> String {
    (0..steps).map(|step| format!("[chain.bench.step.s{step}]\ntool = {{ takes = \"{takes}\" }}\n")).collect()
}

/// Sequential tool steps.
fn in_a_row(steps: u32) -> String {
    let step = |index: u32| {
        let needs =
            index.checked_sub(1).map_or_else(String::new, |before| format!("needs = [\"s{before}\"]\n"));
        let llm = "llm = { model = \"instant\", prompt = \"Go on.\", max_tokens = 1 }\n";
        format!("[chain.bench.step.s{index}]\n{needs}{llm}")
    };
    (0..steps).map(step).collect()
}
