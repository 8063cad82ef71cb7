//! Punctuality of 1 000 concurrent streams.

use anyhow::{Context as _, Result};
use futures_util::future::try_join_all;
use std::time::{Duration, Instant};
use weir_pace::{Clock, TimerConfig};

use super::{BenchContext, client_runtime};
use crate::{
    client::{self, Connection},
    lateness::{Lateness, Reading},
    noise_floor::{NoiseFloor, STAGGER, measure_noise_floor},
    options::Length,
    server::Server,
    table::{Row, Verdict},
};

const STREAMS: u32 = 1_000;
/// Read buffer of one stream; its reads are small.
const BUFFER_BYTES: usize = 4 << 10;
/// The streams of the model `steady` take 200 ms, and 20 ms per token.
const RUN_MAX: Duration = Duration::from_secs(14);

#[derive(Debug)]
struct Figures {
    all: Lateness,
    first: Lateness,
    last: Lateness,
}

/// Written against planned times of tokens, as reported by the server.
pub(super) fn rows(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    let tokens = match context.length {
        Length::Full => 250,
        Length::Quick => 75,
    };
    // Before and after, as the floor varies.
    let before = measure_noise_floor(context.machine, STREAMS, tokens / 2)?;
    let server = Server::weir(context.machine, &[])?;
    let cpu = server.cpu()?;
    let start = Instant::now();
    let figures = client_runtime()?.block_on(streams(&server, tokens))?;
    let busy = server.cpu()?.saturating_sub(cpu).as_secs_f64() / start.elapsed().as_secs_f64();
    drop(server);
    let after = measure_noise_floor(context.machine, STREAMS, tokens / 2)?;
    let floor =
        NoiseFloor { p50_us: before.p50_us.max(after.p50_us), p99_us: before.p99_us.max(after.p99_us) };
    Ok(table(&figures, floor, busy))
}

async fn streams(server: &Server, tokens: u32) -> Result<Figures> {
    let clock = Clock::start(TimerConfig::default())?;
    let address = server.address();
    let request = client::chat("steady", tokens, true);
    let connections = (0..STREAMS).map(|_| Connection::open(address, BUFFER_BYTES));
    let connections = try_join_all(connections).await?;
    let before = Reading::take(address).await?;
    let start = Instant::now();
    let streams = connections.into_iter().zip(0_u32..).map(|(mut connection, index)| {
        let (clock, request) = (&clock, &request);
        async move {
            clock.sleep_until(start + index * STAGGER).await;
            connection.exchange(request).await
        }
    });
    clock.timeout(RUN_MAX, try_join_all(streams)).await.ok().context("the streams do not end")??;
    let after = Reading::take(address).await?;
    Ok(Figures {
        all: after.since(&before, "weir_token_lateness_seconds")?,
        first: after.since(&before, "weir_first_token_lateness_seconds")?,
        last: after.since(&before, "weir_last_token_lateness_seconds")?,
    })
}

fn table(figures: &Figures, floor: NoiseFloor, busy: f64) -> Vec<Row> {
    let (p50, p99) = (figures.all.quantile_us(0.5), figures.all.quantile_us(0.99));
    let drift = figures.last.mean_us() - figures.first.mean_us();
    let note = format!(
        "{:.0} writes of tokens, core {:.0} % busy (start and end of the streams included)",
        figures.all.count(),
        busy * 100.0
    );
    vec![
        Row {
            name: format!("{STREAMS} × 50 tokens/s, late p50"),
            measured: format!("{p50:.0} µs"),
            beside: format!("{:.0} µs", floor.p50_us),
            ratio: Some(p50 / floor.p50_us),
            needed: "≤ 60 µs".to_owned(),
            verdict: Verdict::of(p50 <= 60.0),
            note: Some(note),
        },
        Row {
            name: format!("{STREAMS} × 50 tokens/s, late p99"),
            measured: format!("{p99:.0} µs"),
            beside: format!("{:.0} µs", floor.p99_us),
            ratio: Some(p99 / floor.p99_us),
            needed: "≤ 300 µs or 2 × floor".to_owned(),
            verdict: Verdict::of(p99 <= f64::max(300.0, 2.0 * floor.p99_us)),
            note: None,
        },
        Row {
            name: "drift: last token − first token".to_owned(),
            measured: format!("{drift:.1} µs"),
            beside: String::new(),
            ratio: None,
            needed: "within ± 50 µs".to_owned(),
            verdict: Verdict::of(drift.abs() <= 50.0),
            note: None,
        },
    ]
}
