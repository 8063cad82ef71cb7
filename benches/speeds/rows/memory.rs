//! Resident memory per open stream, in the server and in the client.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result};
use futures_util::future::try_join_all;
use weir_pace::{Clock, TimerConfig};

use super::{BenchContext, client_runtime};
use crate::{
    client::{self, Connection},
    load_run::{LoadRun, chat_scenario},
    server::{Server, resident_kib},
    table::{Row, Verdict},
};

const STREAMS: u32 = 5_000;
/// Slow enough that one core keeps up with all streams: a backlog would distort the memory per stream.
const SLOW: &str = "[model.slow]\ninherits = 'steady'\nitl = '250ms'\n";
/// Tokens per stream, which lasts 50 s.
const TOKENS: u32 = 200;
/// Time until every stream has started.
const SETTLED: Duration = Duration::from_secs(6);
const LIMIT_KIB: f64 = 24.0;
/// Streams of one `weir load` process.
const MANY: u32 = 10_000;
const MANY_MIB_MAX: f64 = 300.0;

/// The server's side with a raw client, then the client's side: `weir load`.
pub(super) fn rows(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    let (a_stream, many_mib) = client_side(context)?;
    Ok(vec![row("weir serve", server_side(context)?), row("weir load", a_stream), many(many_mib)])
}

/// Total memory of `weir load` with many open streams.
fn many(mib: f64) -> Row {
    Row {
        name: format!("weir load, resident memory with {MANY} streams open"),
        measured: format!("{mib:.0} MiB"),
        beside: String::new(),
        ratio: None,
        needed: format!("≤ {MANY_MIB_MAX} MiB"),
        verdict: Verdict::of(mib <= MANY_MIB_MAX),
        note: None,
    }
}

fn row(who: &str, kib: f64) -> Row {
    Row {
        name: format!("{who}, resident memory a stream at {STREAMS}"),
        measured: format!("{kib:.1} KiB"),
        beside: String::new(),
        ratio: None,
        needed: format!("≤ {LIMIT_KIB} KiB"),
        verdict: Verdict::of(kib <= LIMIT_KIB),
        note: None,
    }
}

fn a_stream(before: u64, after: u64) -> f64 {
    after.saturating_sub(before) as f64 / f64::from(STREAMS)
}

fn server(context: &BenchContext<'_>) -> Result<Server> {
    let folder = tempfile::tempdir().context("cannot make a folder")?;
    let file = folder.path().join("models.toml");
    fs::write(&file, SLOW).context("cannot write the profile")?;
    // It has read the file when it prints its address.
    Server::weir(context.machine, &["--models", &file.display().to_string()])
}

fn server_side(context: &BenchContext<'_>) -> Result<f64> {
    let server = server(context)?;
    let request = client::chat("slow", TOKENS, true);
    client_runtime()?.block_on(async {
        let clock = Clock::start(TimerConfig::default())?;
        // Excludes the memory that the first response allocates.
        Connection::open(server.address(), 0).await?.exchange(&client::chat("instant", 1, true)).await?;
        let before = server.resident_kib()?;
        let open = (0..STREAMS).map(|_| async {
            let mut connection = Connection::open(server.address(), 0).await?;
            connection.exchange(&request).await
        });
        // All streams are still open at the end of the measurement.
        let early = clock.timeout(SETTLED, try_join_all(open)).await;
        early.map_or_else(|_| Ok(()), |ended| ended.map(drop)).context("the streams did not stay open")?;
        Ok(a_stream(before, server.resident_kib()?))
    })
}

/// KiB per stream, and MiB of the process with many streams.
fn client_side(context: &BenchContext<'_>) -> Result<(f64, f64)> {
    let server = server(context)?;
    let clock_runtime = client_runtime()?;
    let measured = |users: u32| -> Result<u64> {
        let run = LoadRun::start(&server, &chat_scenario("slow", users, TOKENS, true, 30))?;
        clock_runtime.block_on(async {
            Clock::start(TimerConfig::default())?.sleep(SETTLED).await;
            resident_kib(run.pid())
        })
    };
    let (one, all, many) = (measured(1)?, measured(STREAMS)?, measured(MANY)?);
    Ok((a_stream(one, all), many as f64 / 1024.0))
}
