//! Mean waits against queueing theory.

use super::*;

/// Student's t for 19 degrees of freedom, 99 % two-sided.
const T_99: f64 = 2.861;
const BATCHES: usize = 20;

/// The waits in milliseconds of `count` calls that arrive at random every `gap_ms` on average.
fn waits(config: BatchingConfig, count: usize, gap_ms: f64, length: impl Fn(&mut Rng) -> u32) -> Vec<f64> {
    let engine = engine(config);
    let mut rng = Seed::new(42).rng();
    let mut arrival_ms = 0.0;
    let mut calls: Vec<Lease> = Vec::with_capacity(count);
    for _ in 0..count {
        arrival_ms += exponential(gap_ms, &mut rng);
        let length = length(&mut rng);
        calls.push(engine.admit(job(at(arrival_ms), 1, length)).unwrap());
    }
    calls
        .iter_mut()
        .map(|lease| {
            end(lease);
            queued(lease)
        })
        .collect()
}

/// The mean, and half of its confidence interval from the means of consecutive batches.
fn interval(waits: &[f64]) -> (f64, f64) {
    let batches = waits.chunks(waits.len() / BATCHES);
    let means: Vec<f64> = batches.map(|batch| batch.iter().sum::<f64>() / batch.len() as f64).collect();
    let mean = means.iter().sum::<f64>() / BATCHES as f64;
    let variance =
        means.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (BATCHES * (BATCHES - 1)) as f64;
    (mean, T_99 * variance.sqrt())
}

#[test]
fn mean_wait_of_one_slot_agrees_with_pollaczek_khinchine() {
    let service_ms = 40.0;
    for (load, count) in [(0.3, 8_000), (0.6, 12_000), (0.9, 40_000)] {
        let waits = waits(slots(1), count, service_ms / load, |_| service_ms as u32);
        let (mean, half) = interval(&waits);
        // Of a constant service time.
        let expected = load * service_ms / (2.0 * (1.0 - load));
        assert!((mean - expected).abs() <= half, "load {load}: {mean} +- {half}, expected {expected}");
        assert!(half < 0.3 * expected, "load {load}: {half} is no evidence for {expected}");
    }
}

/// The probability that a call waits, with `slots` places and an offered load of `erlangs`.
fn erlang_c(slots: u32, erlangs: f64) -> f64 {
    let loss = (1..=slots).fold(1.0, |loss, slot| erlangs * loss / (f64::from(slot) + erlangs * loss));
    let load = erlangs / f64::from(slots);
    loss / (1.0 - load * (1.0 - loss))
}

#[test]
fn erlang_c_of_a_textbook_example_is_known() {
    // Two servers at a load of 0.5, and ten at 0.8.
    assert!((erlang_c(2, 1.0) - 1.0 / 3.0).abs() < 1e-9);
    assert!((erlang_c(10, 8.0) - 0.409).abs() < 0.001);
}

#[test]
fn mean_wait_of_several_slots_agrees_with_erlang_c() {
    let (count, service_ms) = (4, 60.0);
    for load in [0.6, 0.9] {
        let length = |rng: &mut Rng| exponential(service_ms, rng).ceil() as u32;
        // Rounded up, a service takes half a step longer on average.
        let service_ms = service_ms + 0.5;
        let calls = if load > 0.8 { 40_000 } else { 20_000 };
        let waits = waits(slots(count), calls, service_ms / load / f64::from(count), length);
        let (mean, half) = interval(&waits);
        let expected =
            erlang_c(count, load * f64::from(count)) * service_ms / (f64::from(count) * (1.0 - load));
        // A call that finds a free place waits for the end of the step in progress.
        let step = 0.5;
        assert!((mean - expected).abs() <= half + step, "load {load}: {mean} +- {half}, expected {expected}");
        assert!(half < 0.3 * expected, "load {load}: {half} is no evidence for {expected}");
    }
}
