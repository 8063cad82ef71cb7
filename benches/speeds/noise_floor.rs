//! The noise floor: lateness of a bare timer loop on the servers' core, measured in the same run.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow};
use futures_util::future::join_all;
use weir_pace::{Clock, TimerConfig};

use crate::machine::Machine;

/// Time between two deadlines of one task: 50 tokens/s.
pub(crate) const PERIOD: Duration = Duration::from_millis(20);
/// Between the starts of two neighbours: not a divisor of [`PERIOD`], so that a thousand of them never
/// have a deadline in common.
pub(crate) const STAGGER: Duration = Duration::from_micros(1_020);

/// Lateness of a bare timer loop, in microseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoiseFloor {
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
}

/// Runs `tasks` that each wait for `beats` deadlines and do nothing else.
pub(crate) fn measure_noise_floor(machine: &Machine, tasks: u32, beats: u32) -> Result<NoiseFloor> {
    let loops = machine.on_server_core(|| Ok(thread::spawn(move || run(tasks, beats))))?;
    let mut late_us = loops.join().map_err(|_| anyhow!("the timer loop ended early"))??;
    late_us.sort_by(f64::total_cmp);
    let at = |q: f64| late_us.get((q * (late_us.len() - 1) as f64) as usize).copied().unwrap_or(f64::NAN);
    Ok(NoiseFloor { p50_us: at(0.5), p99_us: at(0.99) })
}

/// All latenesses in microseconds; negative if the timer fired early, within its coalescing window.
fn run(tasks: u32, beats: u32) -> Result<Vec<f64>> {
    // The runtime of `weir serve` on one core.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_io().build();
    runtime.context("cannot start a runtime")?.block_on(async {
        let clock = Clock::start(TimerConfig::default())?;
        let start = Instant::now();
        let loops = (0..tasks).map(|index| {
            let clock = clock.clone();
            tokio::spawn(async move { beat(&clock, start + index * STAGGER, beats).await })
        });
        let late = join_all(loops).await;
        Ok(late.into_iter().flatten().flatten().collect())
    })
}

async fn beat(clock: &Clock, start: Instant, beats: u32) -> Vec<f64> {
    let mut late_us = Vec::with_capacity(beats as usize);
    for count in 1..=beats {
        let deadline = start + count * PERIOD;
        clock.sleep_until(deadline).await;
        let now = Instant::now();
        let (late, early) =
            (now.saturating_duration_since(deadline), deadline.saturating_duration_since(now));
        late_us.push((late.as_secs_f64() - early.as_secs_f64()) * 1e6);
    }
    late_us
}
