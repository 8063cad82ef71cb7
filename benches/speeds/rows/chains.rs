//! What the executor of chains adds to its steps.

use std::{fs, time::Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::{Stage, client_runtime, median};
use crate::{
    client::{self, Connection},
    options::Length,
    server::Server,
    table::{Row, Verdict},
};

const PARALLEL: &str = "x-enable-parallel: true\r\n";
/// More than the largest answer.
const BUFFER_BYTES: usize = 64 << 10;
/// Steps of the chain whose overhead is measured.
const STEPS: u32 = 100;

/// Five independent steps of 2 s.
pub(super) fn parallel(stage: &Stage<'_>) -> Result<Vec<Row>> {
    let runs = match stage.length {
        Length::Full => 3,
        Length::Quick => 1,
    };
    let wall = median(walls(stage, &chain(5, "2s"), runs)?.into_iter().map(|run| run.answered_s).collect());
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

/// A hundred steps without delay, each of which needs the one before and asks the model: every kind of cost that the
/// executor has.
pub(super) fn overhead(stage: &Stage<'_>) -> Result<Vec<Row>> {
    let runs = walls(stage, &in_a_row(STEPS), 50)?;
    let step_us = median(runs.iter().map(|run| run.told_ms * 1e3 / f64::from(STEPS)).collect());
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

#[derive(Clone, Copy, Debug)]
struct Run {
    /// Seen by the client.
    answered_s: f64,
    /// Told by the server.
    told_ms: f64,
}

fn walls(stage: &Stage<'_>, chain: &str, runs: u32) -> Result<Vec<Run>> {
    let folder = tempfile::tempdir().context("cannot make a folder")?;
    let file = folder.path().join("chains.toml");
    fs::write(&file, chain).context("cannot write the chain")?;
    let server = Server::weir(stage.machine, &["--chains", &file.display().to_string()])?;
    let request = client::post("/api/chains/bench", PARALLEL, "{}");
    client_runtime()?.block_on(async {
        let mut connection = Connection::open(server.address(), BUFFER_BYTES).await?;
        let mut measured = Vec::new();
        for _ in 0..runs {
            let start = Instant::now();
            let answer = connection.fetch(&request).await?;
            let answered_s = start.elapsed().as_secs_f64();
            let answer: Value = serde_json::from_slice(&answer).context("the answer is not JSON")?;
            let told = answer.pointer("/metadata/elapsed_ms").and_then(Value::as_f64);
            measured.push(Run { answered_s, told_ms: told.context("the answer tells no time")? });
        }
        Ok(measured)
    })
}

/// Independent tool steps.
fn chain(steps: u32, takes: &str) -> String {
    (0..steps).map(|step| format!("[chain.bench.step.s{step}]\ntool = {{ takes = \"{takes}\" }}\n")).collect()
}

/// Steps that each need the one before.
fn in_a_row(steps: u32) -> String {
    let step = |index: u32| {
        let needs =
            index.checked_sub(1).map_or_else(String::new, |before| format!("needs = [\"s{before}\"]\n"));
        let llm = "llm = { model = \"instant\", prompt = \"Go on.\", max_tokens = 1 }\n";
        format!("[chain.bench.step.s{index}]\n{needs}{llm}")
    };
    (0..steps).map(step).collect()
}
