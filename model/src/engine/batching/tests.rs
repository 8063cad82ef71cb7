//! Tests in which the caller hands in the time.

mod cache;
mod calls;
mod queueing;
mod saturation;

use std::{
    sync::LazyLock,
    task::Waker,
    time::{Duration, Instant},
};

use weir_pace::{Rng, Seed};

use super::*;
use crate::{
    content::{Content, Finish},
    engine::PromptPrefix,
    profile::{Catalog, Curve, Profile, StepTime},
    schedule::Due,
};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);
static PROFILE: LazyLock<Arc<Profile>> =
    LazyLock::new(|| Arc::clone(Catalog::embedded().unwrap().get("instant").unwrap()));

fn ms(ms: f64) -> Duration {
    Duration::from_secs_f64(ms / 1e3)
}

/// The instant `offset_ms` after the start.
fn at(offset_ms: f64) -> Instant {
    *START + ms(offset_ms)
}

/// The milliseconds from the start to `instant`.
fn offset(instant: Instant) -> f64 {
    let offset = instant.duration_since(*START).as_secs_f64() * 1e3;
    (offset * 1e6).round() / 1e6
}

/// Steps of `decode_ms` with decoding sequences, and `prefill_ms` for each prompt token.
fn step(decode_ms: f64, prefill_ms: f64) -> StepTime {
    StepTime {
        prefill: Curve::Polynomial([0.0, prefill_ms].into()),
        decode: Curve::Polynomial([decode_ms].into()),
        per_sequence: Duration::ZERO,
        min: Duration::ZERO,
    }
}

/// One replica with `seqs` places and steps of a millisecond.
fn slots(seqs: u32) -> BatchingConfig {
    BatchingConfig {
        max_num_seqs: seqs,
        max_waiting: 1_000_000,
        step: StepTime { min: ms(1.0), ..step(1.0, 0.0) },
        ..BatchingConfig::default()
    }
}

fn engine(config: BatchingConfig) -> BatchingEngine {
    BatchingEngine::new(Arc::new(config), 1.0)
}

/// A call at `start` with a prompt and an answer of so many tokens.
fn job(start: Instant, prompt_tokens: u32, output_tokens: u32) -> Job {
    Job {
        profile: Arc::clone(&PROFILE),
        prompt_tokens,
        content: Content::natural(Seed::new(1), output_tokens, Finish::Stop),
        delay: Duration::ZERO,
        total: None,
        body: 1,
        start,
        priority: 0,
        prefix: PromptPrefix::default(),
    }
}

/// The offsets of all tokens of each call, read at each instant at which more can be known.
fn all_offsets<const N: usize>(mut calls: [&mut Lease; N], from: Instant) -> [Vec<f64>; N] {
    let (mut now, mut offsets) = (from, [(); N].map(|()| Vec::new()));
    loop {
        let mut next = None;
        for (lease, offsets) in calls.iter_mut().zip(&mut offsets) {
            while offsets.len() < lease.content.step_count() as usize {
                match lease.schedule.poll_token(offsets.len() as u32, now, Waker::noop()) {
                    Due::At(due) => offsets.push(offset(due)),
                    Due::AskAt(at) => {
                        next = Some(next.map_or(at, |next: Instant| next.min(at)));
                        break;
                    }
                    Due::AskWhenWoken => break,
                }
            }
        }
        match next {
            Some(at) => now = at,
            None => return offsets,
        }
    }
}

/// The offsets of all tokens of one call.
fn offsets(lease: &mut Lease, from: Instant) -> Vec<f64> {
    let [offsets] = all_offsets([lease], from);
    offsets
}

/// The end of a call, long after it: no other one may follow.
fn end(lease: &mut Lease) -> Instant {
    let late = *START + Duration::from_secs(1_000_000);
    match lease.schedule.poll_end(late, Waker::noop()) {
        Due::At(end) => end,
        other => panic!("{other:?}"),
    }
}

/// The time in the queue of a call that has ended.
fn queued(lease: &Lease) -> f64 {
    lease.schedule.queue_and_prefill().unwrap().0.as_secs_f64() * 1e3
}

/// An exponentially distributed number.
fn exponential(mean: f64, rng: &mut Rng) -> f64 {
    -mean * (1.0 - rand::Rng::random::<f64>(rng)).ln()
}

fn assert_consistent(engine: &BatchingEngine) {
    engine.cluster.lock().unwrap().assert_consistent();
}

fn handles(engine: &BatchingEngine) -> usize {
    engine.cluster.lock().unwrap().len()
}
