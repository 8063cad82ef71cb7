//! Tests that samples have the configured distribution.
//!
//! Seeds are fixed and bounds are six standard errors wide: the tests are deterministic, and a distribution that deviates by
//! more than its noise fails.

mod errors;

use std::time::Duration;

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Amount, Latency};
use crate::seed::Seed;

const SAMPLES: usize = 40_000;
const STANDARD_ERRORS: f64 = 6.0;

fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    #[derive(Deserialize)]
    struct File<T> {
        x: T,
    }
    let file = toml::from_str::<File<T>>(&format!("x = {text}"));
    file.map(|file| file.x).map_err(|error| error.message().to_owned())
}

fn latency(text: &str) -> Latency {
    read(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Returns samples in milliseconds.
fn drawn_ms(latency: &Latency) -> Vec<f64> {
    let mut rng = Seed::new(11).rng();
    (0..SAMPLES).map(|_| latency.sample(&mut rng).as_secs_f64() * 1e3).collect()
}

fn share(samples: &[f64], is: impl Fn(f64) -> bool) -> f64 {
    samples.iter().filter(|sample| is(**sample)).count() as f64 / samples.len() as f64
}

fn assert_share(samples: &[f64], is: impl Fn(f64) -> bool, expected: f64, what: &str) {
    let noise = (expected * (1.0 - expected) / samples.len() as f64).sqrt();
    let found = share(samples, is);
    assert!(
        (found - expected).abs() <= STANDARD_ERRORS * noise,
        "{what}: a share of {found}, not {expected}"
    );
}

#[test]
fn sample_mean_matches_configured_mean() {
    for (text, mean_ms) in [
        ("\"250ms\"", 250.0),
        ("{ constant = \"250ms\" }", 250.0),
        ("{ mean = \"20ms\", sd = \"10ms\" }", 20.0),
        ("{ mean = \"20ms\", cv = 1.5 }", 20.0),
        ("{ between = [\"0.5s\", \"2s\"] }", 1_250.0),
        ("{ normal = { mean = \"10ms\", sd = \"2ms\" } }", 10.0),
        ("{ normal = { mean = \"10ms\", cv = 0 } }", 10.0),
        // Truncated at its mean, which adds sd * sqrt(2 / pi) to the mean.
        ("{ normal = { mean = \"10ms\", sd = \"5ms\", min = \"10ms\" } }", 13.989_422_804),
        ("{ log_normal = { mean = \"9ms\", sd = \"3ms\" } }", 9.0),
        ("{ gamma = { mean = \"9ms\", cv = 0.3 } }", 9.0),
        ("{ gamma = { mean = \"9ms\", sd = \"18ms\" } }", 9.0),
        ("{ gamma = { mean = \"9ms\", sd = \"0s\" } }", 9.0),
        ("{ exponential = { mean = \"9ms\" } }", 9.0),
        ("{ exponential = { mean = \"9ms\", min = \"4ms\" } }", 9.0),
        ("{ pareto = { min = \"6ms\", shape = 4 } }", 8.0),
        ("{ values = [\"8ms\", \"9ms\", \"31ms\"] }", 16.0),
        (
            "{ mix = [{ share = 3, constant = \"10ms\" }, { share = 1, between = [\"40ms\", \"60ms\"] }] }",
            20.0,
        ),
    ] {
        let latency = latency(text);
        let reported_ms = latency.mean().as_secs_f64() * 1e3;
        assert!((reported_ms / mean_ms - 1.0).abs() < 1e-6, "{text}: has a mean of {reported_ms}");
        let samples = drawn_ms(&latency);
        let mean = samples.iter().sum::<f64>() / SAMPLES as f64;
        let sd = (samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / SAMPLES as f64).sqrt();
        let noise = STANDARD_ERRORS * sd / (SAMPLES as f64).sqrt();
        assert!((mean - mean_ms).abs() <= noise.max(1e-6), "{text}: draws a mean of {mean}");
    }
}

#[test]
fn sample_percentiles_match_configured_percentiles() {
    for (text, low, high) in [
        ("{ p50 = \"645ms\", p95 = \"1094ms\" }", (0.5, 645.0), (0.95, 1_094.0)),
        ("{ p50 = \"10ms\", p90 = \"50ms\" }", (0.5, 10.0), (0.9, 50.0)),
        ("{ log_normal = { p50 = \"10ms\", p99 = \"80ms\" } }", (0.5, 10.0), (0.99, 80.0)),
        ("{ log_normal = { p90 = \"10ms\", p99 = \"80ms\" } }", (0.9, 10.0), (0.99, 80.0)),
    ] {
        let samples = drawn_ms(&latency(text));
        for (expected, at_ms) in [low, high] {
            assert_share(&samples, |sample| sample <= at_ms, expected, text);
        }
    }
}

#[test]
fn sample_spread_matches_configured_spread() {
    for (text, sd_ms) in [
        ("{ mean = \"20ms\", sd = \"10ms\" }", 10.0),
        ("{ normal = { mean = \"20ms\", cv = 0.1 } }", 2.0),
        ("{ gamma = { mean = \"20ms\", cv = 0.5 } }", 10.0),
        ("{ exponential = { mean = \"20ms\", min = \"15ms\" } }", 5.0),
        ("{ between = [\"0s\", \"12ms\"] }", 12.0 / 12_f64.sqrt()),
    ] {
        let samples = drawn_ms(&latency(text));
        let mean = samples.iter().sum::<f64>() / SAMPLES as f64;
        let sd = (samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / SAMPLES as f64).sqrt();
        // The noise of a spread grows with the fourth moment: that of these distributions is below 30 sd^4.
        let noise = STANDARD_ERRORS * (30.0 / SAMPLES as f64).sqrt() / 2.0;
        assert!((sd / sd_ms - 1.0).abs() <= noise, "{text}: draws a spread of {sd}");
    }
}

#[test]
fn truncated_normal_never_yields_less_than_minimum() {
    let cut = drawn_ms(&latency("{ normal = { mean = \"10ms\", sd = \"5ms\", min = \"8ms\" } }"));
    assert!(cut.iter().all(|sample| *sample >= 8.0));
    assert_share(&cut, |sample| sample == 8.0, 0.0, "nothing gathers at the minimum");
    let shifted = drawn_ms(&latency("{ exponential = { mean = \"9ms\", min = \"4ms\" } }"));
    assert!(shifted.iter().all(|sample| *sample >= 4.0));
    assert_share(&shifted, |sample| sample > 9.0, (-1.0_f64).exp(), "the tail beyond the mean");
    let pareto = drawn_ms(&latency("{ pareto = { min = \"6ms\", shape = 2 } }"));
    assert!(pareto.iter().all(|sample| *sample >= 6.0));
    assert_share(&pareto, |sample| sample > 12.0, 0.25, "beyond twice the minimum");
}

#[test]
fn mixture_and_values_match_shares() {
    let mixed = drawn_ms(&latency(
        "{ mix = [{ share = 0.9, constant = \"1ms\" }, { share = 0.1, mix = [
            { share = 1, constant = \"2ms\" }, { share = 3, constant = \"3ms\" }] }] }",
    ));
    for (value, expected) in [(1.0, 0.9), (2.0, 0.025), (3.0, 0.075)] {
        assert_share(&mixed, |sample| sample == value, expected, "mix");
    }
    let values = drawn_ms(&latency("{ values = [\"1ms\", \"1ms\", \"5ms\"] }"));
    assert_share(&values, |sample| sample == 1.0, 2.0 / 3.0, "values");
}

#[test]
fn uniform_amount_includes_both_ends() {
    let dice: Amount = read("{ between = [1, 6] }").unwrap();
    let mut rng = Seed::new(3).rng();
    let thrown: Vec<f64> = (0..SAMPLES).map(|_| dice.sample(&mut rng) as f64).collect();
    for eyes in 1..=6 {
        assert_share(&thrown, |sample| sample == f64::from(eyes), 1.0 / 6.0, "dice");
    }
    assert_eq!(dice.mean(), 3.5);
    assert_eq!(read::<Amount>("200").unwrap(), Amount::constant(200));
    assert_eq!(Amount::constant(u64::MAX).sample(&mut rng), 1_000_000_000);
    let tokens: Amount = read("{ p50 = 117, p95 = 500 }").unwrap();
    let drawn: Vec<f64> = (0..SAMPLES).map(|_| tokens.sample(&mut rng) as f64).collect();
    assert_share(&drawn, |sample| sample <= 500.0, 0.95, "tokens");
}

#[test]
fn scaled_multiplies_samples_and_mean() {
    let law = latency("{ p50 = \"645ms\", p95 = \"1094ms\" }");
    let (mut rng, mut same) = (Seed::new(1).rng(), Seed::new(1).rng());
    let tenth = law.scaled(0.2).scaled(0.5);
    for _ in 0..100 {
        let ratio = law.sample(&mut rng).as_secs_f64() / tenth.sample(&mut same).as_secs_f64();
        assert!((ratio - 10.0).abs() < 1e-6, "{ratio}");
    }
    assert!((law.mean().as_secs_f64() / tenth.mean().as_secs_f64() - 10.0).abs() < 1e-6);
    assert!(law.scaled(0.0).is_zero() && law.scaled(-1.0).is_zero() && law.scaled(f64::NAN).is_zero());
    assert!(!law.is_zero());
}

#[test]
fn constant_yields_exact_value() {
    let mut rng = Seed::new(1).rng();
    let odd = Duration::from_nanos(86_399_999_999_999);
    assert_eq!(Latency::constant(odd).sample(&mut rng), odd);
    assert_eq!(Latency::constant(odd), latency("\"86399.999999999s\""));
    assert_eq!(Latency::constant(Duration::MAX).mean(), Duration::from_secs(86_400));
    assert!(Latency::ZERO.is_zero() && latency("\"0s\"") == Latency::ZERO);
}

/// Any distribution with any values, valid or not.
fn any_law() -> impl Strategy<Value = String> {
    let figures = (1_u64..100_000_000_000, 0_u64..100_000_000_000, 0.0_f64..20.0);
    (0_usize..8, figures).prop_map(|(kind, (a, b, x))| match kind {
        0 => format!("{{ p50 = \"{a}ns\", p95 = \"{b}ns\" }}"),
        1 => format!("{{ mean = \"{a}ns\", cv = {x:?} }}"),
        2 => format!("{{ between = [\"{b}ns\", \"{a}ns\"] }}"),
        3 => format!("{{ normal = {{ mean = \"{a}ns\", cv = {x:?}, min = \"{b}ns\" }} }}"),
        4 => format!("{{ gamma = {{ mean = \"{a}ns\", cv = {x:?} }} }}"),
        5 => format!("{{ exponential = {{ mean = \"{a}ns\", min = \"{b}ns\" }} }}"),
        6 => format!("{{ pareto = {{ min = \"{a}ns\", shape = {x:?} }} }}"),
        _ => format!("{{ mix = [{{ share = {x:?}, values = [\"{a}ns\", \"{b}ns\"] }}] }}"),
    })
}

proptest! {
    #[test]
    fn accepted_distribution_can_be_sampled(text in any_law(), seed: u64) {
        let Ok(latency) = read::<Latency>(&text) else { return Ok(()) };
        let day = Duration::from_secs(86_400);
        let mut rng = Seed::new(seed).rng();
        prop_assert!(latency.mean() <= day);
        for _ in 0..20 {
            prop_assert!(latency.sample(&mut rng) <= day);
        }
    }
}
