//! Cost of the live views: the web page and the full-screen terminal view.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Read, Write as _},
    net::TcpStream,
    process::Stdio,
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use weir_pace::{Clock, TimerConfig};

use super::{BenchContext, client_runtime, median};
use crate::{
    load_run::{LoadRun, chat_scenario, figure},
    machine::Machine,
    options::Length,
    server::Server,
    table::{Row, Verdict},
};

const CONNECTIONS: u32 = 64;
/// Maximum share of the load generator's core that a view may use.
const NEEDED: f64 = 0.02;
/// When a run of six seconds is inspected: well before its end.
const INSPECTED_AT: Duration = Duration::from_secs(5);

type Run = fn(&Machine, &Server, &str) -> Result<LoadRun>;

/// The result of one run.
struct ViewCost {
    rps: f64,
    /// Share of the core used by threads other than the workers.
    beside: Duration,
}

/// Alternates runs without and with a view, so that both see the same state of the machine. The CPU time is compared:
/// the requests per second of two processes that wait for each other vary by half with their sleeps.
pub(super) fn rows(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    let rounds = match context.length {
        Length::Full => 5,
        Length::Quick => 1,
    };
    let server = Server::ceiling(context.machine)?;
    let views: [(&str, Run); 2] = [("the page and a reader", on_page), ("the full-screen view", on_terminal)];
    views.into_iter().map(|(name, view)| row(context.machine, &server, rounds, name, view)).collect()
}

fn row(machine: &Machine, server: &Server, rounds: u32, name: &str, view: Run) -> Result<Row> {
    let scenario = chat_scenario("instant", CONNECTIONS, 64, false, 6);
    let (mut costs, mut ratios) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let without = seen(LoadRun::start(server, &scenario)?)?;
        let with = seen(view(machine, server, &scenario)?)?;
        costs.push((with.beside.as_secs_f64() - without.beside.as_secs_f64()) / INSPECTED_AT.as_secs_f64());
        ratios.push(with.rps / without.rps);
    }
    let cost = median(costs);
    Ok(Row {
        name: format!("weir load, what it costs to be watched: {name}"),
        measured: format!("{:.2} % of its core", cost * 100.0),
        beside: format!("{:.2} × its req/s", median(ratios)),
        ratio: None,
        needed: format!("≤ {:.0} %", NEEDED * 100.0),
        verdict: Verdict::of(cost <= NEEDED),
        note: None,
    })
}

fn seen(run: LoadRun) -> Result<ViewCost> {
    let beside = client_runtime()?.block_on(async {
        Clock::start(TimerConfig::default())?.sleep(INSPECTED_AT).await;
        cpu_time_of_other_threads(run.pid())
    })?;
    let summary = run.summary()?;
    ensure!(figure(&summary, "/all/failed")? == 0.0, "requests of weir load failed");
    Ok(ViewCost { rps: figure(&summary, "/all/rps")?, beside })
}

/// CPU time used by the threads of `pid`, without the workers.
fn cpu_time_of_other_threads(pid: u32) -> Result<Duration> {
    let mut time = Duration::ZERO;
    for thread in fs::read_dir(format!("/proc/{pid}/task")).context("weir load has ended early")? {
        let thread = thread.context("its threads cannot be listed")?.path();
        let name = fs::read_to_string(thread.join("comm")).context("a thread has no name")?;
        if name.starts_with("weir-load-") {
            continue;
        }
        let used = fs::read_to_string(thread.join("schedstat")).context("a thread has no times")?;
        let nanoseconds = used.split_whitespace().next().and_then(|first| first.parse().ok());
        time += Duration::from_nanos(nanoseconds.context("a thread's time is no number")?);
    }
    Ok(time)
}

/// With the web page, whose events are read from the other core.
fn on_page(machine: &Machine, server: &Server, scenario: &str) -> Result<LoadRun> {
    let flags = ["--web", "127.0.0.1:0", "--autostart", "--autoquit", "0s"];
    let mut run = LoadRun::with(server, scenario, |command| {
        command.args(flags).stderr(Stdio::piped());
    })?;
    let mut stderr = BufReader::new(run.take_stderr().context("weir load has no stderr")?);
    let mut line = String::new();
    stderr.read_line(&mut line).context("weir load printed nothing")?;
    let address = line.trim().strip_prefix("page: http://").map(|rest| rest.trim_end_matches('/').to_owned());
    let address =
        address.with_context(|| format!("expected the address of the live page, found {line:?}"))?;
    let mut page = TcpStream::connect(&address).context("the page cannot be reached")?;
    write!(page, "GET /api/events HTTP/1.1\r\nhost: {address}\r\n\r\n")
        .context("the page takes no request")?;
    machine.on_server_core(|| {
        thread::spawn(move || drain(stderr));
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

/// Reads until the end, whether that is EOF or an error.
fn drain(mut source: impl Read) {
    let mut piece = [0; 4096];
    while source.read(&mut piece).is_ok_and(|length| length > 0) {}
}
