//! Measures the throughput of a server with a number of connections.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use futures_util::future::try_join_all;
use weir_pace::Clock;

use crate::client::Connection;

/// Connections that are busy at once.
const CONNECTIONS: usize = 64;
/// A response that takes longer means that the server hangs.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// More than the largest response, so that one read is enough.
const BUFFER_BYTES: usize = 64 << 10;

/// The results of one window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Throughput {
    pub(crate) answers: u64,
    pub(crate) bytes: u64,
    pub(crate) wall: Duration,
}

impl Throughput {
    pub(crate) fn per_second(&self) -> f64 {
        self.answers as f64 / self.wall.as_secs_f64()
    }
}

/// Repeats `request` for the duration of `window`.
pub(crate) async fn throughput(
    clock: &Clock,
    address: SocketAddr,
    request: &[u8],
    window: Duration,
) -> Result<Throughput> {
    let open = (0..CONNECTIONS).map(|_| Connection::open(address, BUFFER_BYTES));
    let connections = try_join_all(open).await?;
    let start = Instant::now();
    let load = connections.into_iter().map(|connection| repeat(connection, request, start + window));
    let done = clock.timeout(window + ANSWER_MAX, try_join_all(load)).await;
    let done = done.ok().context("the server hangs")??;
    let wall = start.elapsed();
    let (answers, bytes) = done.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    Ok(Throughput { answers, bytes, wall })
}

/// Returns the number of responses, and their bytes.
async fn repeat(mut connection: Connection, request: &[u8], until: Instant) -> Result<(u64, u64)> {
    let (mut answers, mut bytes) = (0, 0);
    while Instant::now() < until {
        bytes += connection.exchange(request).await? as u64;
        answers += 1;
    }
    Ok((answers, bytes))
}
