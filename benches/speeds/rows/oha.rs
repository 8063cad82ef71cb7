//! Throughput of `weir load` on one core, compared with `oha` on the same core.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{BenchContext, median};
use crate::{
    client,
    load_run::{LoadRun, chat_scenario, figure},
    options::Length,
    server::Server,
    table::{Row, Verdict},
};

const CONNECTIONS: u32 = 64;
const NAME: &str = "weir load, plain requests on one core";

/// Alternates both against the bare axum server.
pub(super) fn rows(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    if Command::new("oha").arg("--version").stdout(Stdio::null()).status().is_err() {
        let why = "oha is not on the path: `cargo install oha --locked` brings it".to_owned();
        return Ok(vec![Row::unmeasured(NAME, why)]);
    }
    let rounds = match context.length {
        Length::Full => 3,
        Length::Quick => 1,
    };
    let server = Server::ceiling(context.machine)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(weir_load(&server)?);
        theirs.push(oha(&server)?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    Ok(vec![Row {
        name: NAME.to_owned(),
        measured: format!("{ours:.0} req/s"),
        beside: format!("{theirs:.0} req/s"),
        ratio: Some(ours / theirs),
        needed: "≥ 0.85 × oha".to_owned(),
        verdict: Verdict::of(ours / theirs >= 0.85),
        note: Some(format!("{CONNECTIONS} connections, plain chat of the bare axum server")),
    }])
}

fn weir_load(server: &Server) -> Result<f64> {
    let scenario = chat_scenario("instant", CONNECTIONS, 64, false, 5);
    let summary = LoadRun::start(server, &scenario)?.summary()?;
    ensure!(figure(&summary, "/all/failed")? == 0.0, "requests of weir load failed");
    figure(&summary, "/all/rps")
}

fn oha(server: &Server) -> Result<f64> {
    let url = format!("http://{}/v1/chat/completions", server.address());
    let (connections, body) = (CONNECTIONS.to_string(), client::chat_body("instant", 64, false));
    let arguments = ["-z", "2s", "-c", &connections, "--no-tui", "--output-format", "json"];
    let request = ["-m", "POST", "-T", "application/json", "-d", &body, &url];
    let output = Command::new("oha").args(arguments).args(request).output().context("cannot run oha")?;
    let summary: Value = serde_json::from_slice(&output.stdout).context("oha did not answer in JSON")?;
    figure(&summary, "/summary/requestsPerSec")
}
