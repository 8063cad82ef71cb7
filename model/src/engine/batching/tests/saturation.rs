//! Throughput and TTFT over the load.

use super::*;
use weir_pace::Amount;

fn amount(text: &str) -> Amount {
    toml::from_str::<std::collections::BTreeMap<String, Amount>>(&format!("x = {text}")).unwrap()["x"].clone()
}

/// Tokens a second under more load than the engine serves, in the second half of the calls.
fn throughput(config: BatchingConfig, prompt_tokens: u32, output_tokens: &Amount, count: u32) -> f64 {
    let engine = engine(BatchingConfig { max_waiting: 1_000_000, ..config });
    let mut rng = Seed::new(7).rng();
    let mut calls: Vec<Lease> = (0..count)
        .map(|_| {
            let length = output_tokens.sample(&mut rng).max(1) as u32;
            engine.admit(job(*START, prompt_tokens, length)).unwrap()
        })
        .collect();
    let mut ends: Vec<(f64, u32)> =
        calls.iter_mut().map(|lease| (offset(end(lease)) / 1e3, lease.content.step_count())).collect();
    ends.sort_by(|one, two| one.0.total_cmp(&two.0));
    let window = &ends[ends.len() / 4..ends.len() * 3 / 4];
    let tokens: u32 = window[1..].iter().map(|(_, tokens)| tokens).sum();
    f64::from(tokens) / (window[window.len() - 1].0 - window[0].0)
}

#[test]
fn saturated_throughput_is_the_computed_rate() {
    let usual = BatchingConfig::default();
    let small = BatchingConfig { max_num_seqs: 32, ..usual.clone() };
    let few_tokens = BatchingConfig { max_num_batched_tokens: 256, ..usual.clone() };
    let two = BatchingConfig { replicas: 2, max_num_seqs: 64, ..usual.clone() };
    let split = BatchingConfig {
        disaggregated_prefill: Some(crate::profile::DisaggregatedPrefill {
            replicas: 1,
            transfer: ms(5.0),
            transfer_per_token: Duration::ZERO,
        }),
        max_num_seqs: 64,
        ..usual.clone()
    };
    let long = amount("{ mean = 120, cv = 0.9 }");
    for (name, config, prompt_tokens, lengths, count) in [
        ("32 places", small, 200, &long, 3_000),
        ("256 places", usual, 50, &amount("{ mean = 60, cv = 0.9 }"), 12_000),
        ("256 tokens a step", few_tokens, 512, &amount("120"), 1_200),
        ("two replicas", two, 100, &long, 6_000),
        ("separate prefill", split, 100, &long, 5_000),
    ] {
        let expected = config.saturation(prompt_tokens, lengths).tokens_per_second;
        let found = throughput(config, prompt_tokens, lengths, count);
        assert!((found / expected - 1.0).abs() < 0.02, "{name}: {found} tokens/s, computed {expected}");
    }
}

/// The median and the p99 of the TTFT in milliseconds at `rate` calls a second.
fn ttft(config: &BatchingConfig, rate: f64) -> (f64, f64) {
    let engine = engine(BatchingConfig { max_waiting: 1_000_000, ..config.clone() });
    let mut rng = Seed::new(3).rng();
    let mut arrival_ms = 0.0;
    let mut ttfts: Vec<f64> = (0..4_000)
        .map(|_| {
            arrival_ms += exponential(1e3 / rate, &mut rng);
            let length = exponential(100.0, &mut rng).ceil() as u32;
            (arrival_ms, engine.admit(job(at(arrival_ms), 100, length)).unwrap())
        })
        .collect::<Vec<_>>()
        .iter_mut()
        .map(|(arrived, lease)| {
            end(lease);
            offset(lease.schedule.first().unwrap()) - *arrived
        })
        .collect();
    ttfts.sort_by(f64::total_cmp);
    (ttfts[2_000], ttfts[3_960])
}

#[test]
fn ttft_below_the_knee_is_flat_and_rises_beyond() {
    let config = BatchingConfig { max_num_seqs: 32, ..BatchingConfig::default() };
    let knee = config.saturation(100, &amount("{ mean = 100, cv = 1 }")).requests_per_second;
    let (idle, _) = ttft(&config, 0.01 * knee);
    assert!((idle - config.idle_ttft(100).as_secs_f64() * 1e3).abs() < 1.0, "{idle}");
    // It waits for the step in progress at most, which may be as long as its own.
    for load in [0.2, 0.4, 0.6] {
        let (median, p99) = ttft(&config, load * knee);
        assert!(median < 2.5 * idle && p99 < 5.0 * idle, "load {load}: {median} {p99}, idle {idle}");
    }
    let (beyond, _) = ttft(&config, 1.3 * knee);
    assert!(beyond > 50.0 * idle, "{beyond}");
}
