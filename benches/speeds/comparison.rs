//! Alternates the same load between two servers, so that other load on the machine affects both equally.

use std::time::Duration;

use anyhow::Result;
use weir_pace::{Clock, TimerConfig};

use crate::{
    options::Length,
    rows::{BenchContext, client_runtime, median},
    server::Server,
    throughput::throughput,
};

/// A server and the request that it receives.
#[derive(Debug)]
pub(crate) struct Side {
    server: Server,
    request: Vec<u8>,
    rounds: Vec<Round>,
}

#[derive(Clone, Copy, Debug)]
struct Round {
    per_second: f64,
    /// Busy share of the server's core; below about 0.95, the client was the bottleneck.
    busy: f64,
    cpu_us_an_answer: f64,
    bytes_an_answer: f64,
}

impl Side {
    pub(crate) const fn new(server: Server, request: Vec<u8>) -> Self {
        Self { server, request, rounds: Vec::new() }
    }

    async fn round(&mut self, clock: &Clock, window: Duration) -> Result<Round> {
        let before = self.server.cpu()?;
        let done = throughput(clock, self.server.address(), &self.request, window).await?;
        let cpu = self.server.cpu()?.saturating_sub(before).as_secs_f64();
        Ok(Round {
            per_second: done.per_second(),
            busy: cpu / done.wall.as_secs_f64(),
            cpu_us_an_answer: cpu * 1e6 / done.answers.max(1) as f64,
            bytes_an_answer: done.bytes as f64 / done.answers.max(1) as f64,
        })
    }

    fn median(&self, figure: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(figure).collect())
    }

    /// Responses per second, median of the rounds.
    pub(crate) fn per_second(&self) -> f64 {
        self.median(|round| round.per_second)
    }

    /// CPU time per response in microseconds, median of the rounds.
    pub(crate) fn cpu_us(&self) -> f64 {
        self.median(|round| round.cpu_us_an_answer)
    }

    /// How the figure was measured.
    pub(crate) fn note(&self) -> String {
        format!(
            "{:.1} µs of processor and {:.0} bytes an answer, core {:.0} % busy",
            self.cpu_us(),
            self.median(|round| round.bytes_an_answer),
            self.median(|round| round.busy) * 100.0,
        )
    }
}

/// Loads both servers alternately.
pub(crate) fn compare(context: &BenchContext<'_>, ours: &mut Side, ceiling: &mut Side) -> Result<()> {
    let (rounds, window) = match context.length {
        Length::Full => (7, Duration::from_millis(800)),
        Length::Quick => (3, Duration::from_millis(300)),
    };
    client_runtime()?.block_on(async {
        let clock = Clock::start(TimerConfig::default())?;
        for side in [&mut *ours, &mut *ceiling] {
            // Not counted: the first responses of a process are slow.
            side.round(&clock, window / 2).await?;
        }
        for _ in 0..rounds {
            for side in [&mut *ours, &mut *ceiling] {
                let round = side.round(&clock, window).await?;
                side.rounds.push(round);
            }
        }
        Ok(())
    })
}
