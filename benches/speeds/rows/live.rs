//! What it costs to be watched: plain requests with the page and with the full-screen view, beside requests without.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read, Write as _},
    net::TcpStream,
    process::Stdio,
    thread,
};

use anyhow::{Context as _, Result, ensure};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::{Stage, median};
use crate::{
    load_run::{LoadRun, chat_scenario, figure},
    machine::Machine,
    options::Length,
    server::Server,
    table::{Row, Verdict},
};

const CONNECTIONS: u32 = 64;
/// The part of the throughput without a view that must be left with one.
const NEEDED: f64 = 0.98;

type Run = fn(&Machine, &Server, &str) -> Result<LoadRun>;

/// A run without a view before each with one, so that both see the same minute of the machine.
pub(super) fn rows(stage: &Stage<'_>) -> Result<Vec<Row>> {
    let rounds = match stage.length {
        Length::Full => 7,
        Length::Quick => 1,
    };
    let server = Server::ceiling(stage.machine)?;
    let views: [(&str, Run); 2] = [("the page and a reader", on_page), ("the full-screen view", on_terminal)];
    views.into_iter().map(|(name, view)| row(stage.machine, &server, rounds, name, view)).collect()
}

fn row(machine: &Machine, server: &Server, rounds: u32, name: &str, view: Run) -> Result<Row> {
    let scenario = chat_scenario("instant", CONNECTIONS, 64, false, 6);
    let rate = |run: LoadRun| -> Result<f64> {
        let summary = run.summary()?;
        ensure!(figure(&summary, "/all/failed")? == 0.0, "requests of weir load failed");
        figure(&summary, "/all/rps")
    };
    let (mut seen, mut unseen, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let without = rate(LoadRun::start(server, &scenario)?)?;
        let with = rate(view(machine, server, &scenario)?)?;
        ratios.push(with / without);
        unseen.push(without);
        seen.push(with);
    }
    let ratio = median(ratios);
    Ok(Row {
        name: format!("weir load, plain requests, with {name}"),
        measured: format!("{:.0} req/s", median(seen)),
        beside: format!("{:.0} req/s", median(unseen)),
        ratio: Some(ratio),
        needed: format!("≥ {NEEDED} × without"),
        verdict: Verdict::of(ratio >= NEEDED),
        note: None,
    })
}

/// With the page, whose events somebody reads from the other core.
fn on_page(machine: &Machine, server: &Server, scenario: &str) -> Result<LoadRun> {
    let flags = ["--web", "127.0.0.1:0", "--autostart", "--autoquit", "0s"];
    let mut run = LoadRun::with(server, scenario, |command| {
        command.args(flags).stderr(Stdio::piped());
    })?;
    let mut said = BufReader::new(run.take_stderr().context("weir load has no stderr")?);
    let mut line = String::new();
    said.read_line(&mut line).context("weir load said nothing")?;
    let address = line.trim().strip_prefix("page: http://").map(|rest| rest.trim_end_matches('/').to_owned());
    let address = address.with_context(|| format!("weir load said {line:?} and not where its page is"))?;
    let mut page = TcpStream::connect(&address).context("the page cannot be reached")?;
    write!(page, "GET /api/events HTTP/1.1\r\nhost: {address}\r\n\r\n")
        .context("the page takes no request")?;
    machine.on_server_core(|| {
        thread::spawn(move || drain(said));
        thread::spawn(move || drain(page));
        Ok(())
    })?;
    Ok(run)
}

/// With the full-screen view on a terminal that is read from the other core.
fn on_terminal(machine: &Machine, server: &Server, scenario: &str) -> Result<LoadRun> {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).context("there is no terminal")?;
    grantpt(&terminal).and_then(|()| unlockpt(&terminal)).context("the terminal cannot be opened")?;
    let name = ptsname(&terminal, Vec::new()).context("the terminal has no name")?;
    let name = name.into_string().context("the terminal's name is no text")?;
    let other_end = || File::options().read(true).write(true).open(&name);
    let (stdin, stderr) = (other_end().context(name.clone())?, other_end().context(name.clone())?);
    let run = LoadRun::with(server, scenario, |command| {
        command.env("TERM", "xterm-256color").stdin(stdin).stderr(stderr);
    })?;
    machine.on_server_core(|| {
        thread::spawn(move || drain(File::from(terminal)));
        Ok(())
    })?;
    Ok(run)
}

/// Reads until nothing more comes, in whatever way that is said.
fn drain(mut source: impl Read) {
    let mut piece = [0; 4096];
    while source.read(&mut piece).is_ok_and(|length| length > 0) {}
}
