//! Checks the raw settings of the batching engine.

use std::{fmt::Display, ops::RangeInclusive, time::Duration};

use super::{
    BatchingConfig, DisaggregatedPrefill, Routing, SchedulingPolicy,
    raw::{RawBatching, RawCurve, RawDisaggregated, RawPoint, RawPolicy, RawRouting, RawStep},
    step_time::{CURVE_MS_MAX, Curve, StepTime},
};
use crate::profile::key_error::{KeyError, key_error};

/// Limits of the settings, so that no profile takes more memory or work than a machine has.
const REPLICAS_MAX: u32 = 64;
const SEQS_MAX: u32 = 4_096;
const BATCHED_TOKENS_MAX: u32 = 1 << 20;
const BLOCKS_MAX: u32 = 1 << 20;
const BLOCKS_OF_ALL_MAX: u64 = 1 << 22;
const BLOCK_SIZE_MAX: u32 = 1_024;
const WAITING_MAX: u32 = 1_000_000;
const COEFFICIENTS_MAX: usize = 6;
const POINTS_MAX: usize = 1_000;
/// The number of places at which a curve is checked.
const SAMPLES: u32 = 200;

/// Returns the settings for a model with `context` tokens; fails at the first invalid key.
pub(in crate::profile) fn check(raw: RawBatching, context: u32) -> Result<BatchingConfig, KeyError> {
    let usual = BatchingConfig::default();
    let number = |key, given: Option<u32>, usual, range| within(key, given.unwrap_or(usual), range);
    let config = BatchingConfig {
        replicas: number("engine.batching.replicas", raw.replicas, usual.replicas, 1..=REPLICAS_MAX)?,
        max_num_seqs: number(
            "engine.batching.max_num_seqs",
            raw.max_num_seqs,
            usual.max_num_seqs,
            1..=SEQS_MAX,
        )?,
        max_num_batched_tokens: number(
            "engine.batching.max_num_batched_tokens",
            raw.max_num_batched_tokens,
            usual.max_num_batched_tokens,
            1..=BATCHED_TOKENS_MAX,
        )?,
        num_gpu_blocks: number(
            "engine.batching.num_gpu_blocks",
            raw.num_gpu_blocks,
            usual.num_gpu_blocks,
            1..=BLOCKS_MAX,
        )?,
        block_size: number(
            "engine.batching.block_size",
            raw.block_size,
            usual.block_size,
            1..=BLOCK_SIZE_MAX,
        )?,
        enable_prefix_caching: raw.enable_prefix_caching.unwrap_or(usual.enable_prefix_caching),
        scheduling_policy: raw.scheduling_policy.map_or(usual.scheduling_policy, policy),
        max_waiting: number(
            "engine.batching.max_waiting",
            raw.max_waiting,
            usual.max_waiting,
            0..=WAITING_MAX,
        )?,
        routing: raw.routing.map_or(usual.routing, routing),
        step: usual.step,
        disaggregated_prefill: raw.disaggregated_prefill.map(disaggregated).transpose()?,
    };
    let batched_tokens = config.max_num_batched_tokens;
    let step = raw.step.map(|raw| step(raw, batched_tokens)).transpose()?;
    let config = BatchingConfig { step: step.unwrap_or_default(), ..config };
    check_together(&config, context)?;
    Ok(config)
}

/// Checks settings that limit each other.
fn check_together(config: &BatchingConfig, context: u32) -> Result<(), KeyError> {
    let BatchingConfig { max_num_seqs, max_num_batched_tokens, num_gpu_blocks, block_size, .. } = *config;
    if max_num_batched_tokens < max_num_seqs {
        let message = format!(
            "expected at least max_num_seqs = {max_num_seqs}, so that each sequence gets a token in a step, found \
             {max_num_batched_tokens}"
        );
        return Err(key_error("engine.batching.max_num_batched_tokens", message));
    }
    let needed = config.blocks(context.into());
    if needed > num_gpu_blocks.into() {
        let message = format!(
            "expected at least {needed}: a context of {context} tokens takes as many blocks of {block_size}; found \
             {num_gpu_blocks}"
        );
        return Err(key_error("engine.batching.num_gpu_blocks", message));
    }
    let prefill_replicas = config.disaggregated_prefill.as_ref().map_or(0, |prefill| prefill.replicas);
    let blocks = u64::from(num_gpu_blocks) * u64::from(config.replicas + prefill_replicas);
    if blocks > BLOCKS_OF_ALL_MAX {
        let message = format!("expected at most {BLOCKS_OF_ALL_MAX} blocks in all replicas, found {blocks}");
        return Err(key_error("engine.batching.num_gpu_blocks", message));
    }
    Ok(())
}

const fn policy(raw: RawPolicy) -> SchedulingPolicy {
    match raw {
        RawPolicy::Fcfs => SchedulingPolicy::Fcfs,
        RawPolicy::Priority => SchedulingPolicy::Priority,
    }
}

const fn routing(raw: RawRouting) -> Routing {
    match raw {
        RawRouting::RoundRobin => Routing::RoundRobin,
        RawRouting::LeastLoaded => Routing::LeastLoaded,
        RawRouting::PrefixAware => Routing::PrefixAware,
    }
}

fn disaggregated(raw: RawDisaggregated) -> Result<DisaggregatedPrefill, KeyError> {
    let RawDisaggregated { replicas, transfer, transfer_per_token } = raw;
    let replicas = within("engine.batching.disaggregated_prefill.replicas", replicas, 1..=REPLICAS_MAX)?;
    let [transfer, transfer_per_token] =
        [transfer, transfer_per_token].map(|delay| delay.map_or(Duration::ZERO, |delay| delay.0));
    Ok(DisaggregatedPrefill { replicas, transfer, transfer_per_token })
}

fn step(raw: RawStep, batched_tokens: u32) -> Result<StepTime, KeyError> {
    let RawStep { prefill, decode, per_sequence, min } = raw;
    let usual = StepTime::default();
    let curves = [
        ("engine.batching.step.prefill", prefill, usual.prefill, f64::from(batched_tokens)),
        ("engine.batching.step.decode", decode, usual.decode, 1.0),
    ];
    let [prefill, decode] = curves.map(|(key, raw, usual, most)| match raw {
        None => Ok(usual),
        Some(raw) => curve(raw, most).map_err(|message| key_error(key, message)),
    });
    Ok(StepTime {
        prefill: prefill?,
        decode: decode?,
        per_sequence: per_sequence.map_or(usual.per_sequence, |delay| delay.0),
        min: min.map_or(usual.min, |delay| delay.0),
    })
}

/// Returns the curve, which must not be negative from 0 to `most`.
fn curve(raw: RawCurve, most: f64) -> Result<Curve, String> {
    let curve = match raw {
        RawCurve::PolynomialMs(coefficients) => {
            let count = coefficients.len();
            if !(1..=COEFFICIENTS_MAX).contains(&count) {
                return Err(format!("expected 1 to {COEFFICIENTS_MAX} coefficients, found {count}"));
            }
            Curve::Polynomial(coefficients.into())
        }
        RawCurve::Points(raw) => Curve::Points(points(&raw, most)?),
    };
    for sample in 0..=SAMPLES {
        let figure = most * f64::from(sample) / f64::from(SAMPLES);
        let ms = curve.ms(figure);
        if !(0.0..=CURVE_MS_MAX).contains(&ms) {
            return Err(format!("expected from 0 ms to a day, found {ms} ms at {figure}"));
        }
    }
    Ok(curve)
}

fn points(raw: &[RawPoint], most: f64) -> Result<Box<[(f64, f64)]>, String> {
    if !(1..=POINTS_MAX).contains(&raw.len()) {
        return Err(format!("expected 1 to {POINTS_MAX} points, found {}", raw.len()));
    }
    let points: Box<[(f64, f64)]> =
        raw.iter().map(|RawPoint { at, takes }| (*at, takes.0.as_secs_f64() * 1e3)).collect();
    if let Some((at, _)) = points.iter().find(|(at, _)| !(0.0..=most).contains(at)) {
        return Err(format!("expected points from 0 to {most}, found one at {at}"));
    }
    if !points.is_sorted_by(|(first, _), (second, _)| first < second) {
        return Err("expected points in rising order of `at`".to_owned());
    }
    Ok(points)
}

fn within<T: PartialOrd + Display + Copy>(
    key: &'static str,
    value: T,
    range: RangeInclusive<T>,
) -> Result<T, KeyError> {
    if range.contains(&value) {
        return Ok(value);
    }
    let message = format!("expected a whole number from {} to {}, found {value}", range.start(), range.end());
    Err(key_error(key, message))
}
