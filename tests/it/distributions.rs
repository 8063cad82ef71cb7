//! Planned delays have the distribution of their profile: Kolmogorov-Smirnov tests against formulas that share no code with
//! the program.

use std::{sync::Arc, task::Waker, time::Duration, time::Instant};

use weir_model::{
    Catalog, Content, Due, Engine as _, Finish, GenerationRequest, IndependentEngine, Job, Profile,
    PromptPrefix, Reply, ResponsePlanner,
};
use weir_pace::Seed;

/// The critical value of the Kolmogorov-Smirnov statistic, times the root of the number of samples, at a significance of
/// 0.1 %. Seeds are fixed, so the tests are deterministic.
const CRITICAL: f64 = 1.949;
const SAMPLES: u64 = 20_000;

const MODELS: &str = r#"
[model.mixture]
source = "a test"
ttft   = { p50 = "645ms", p95 = "1094ms" }
itl    = { mix = [ { share = 0.98, normal = { mean = "8.5ms", sd = "1.5ms" } },
                   { share = 0.02, normal = { mean = "60ms", sd = "20ms" } } ] }

[model.truncated]
source = "a test"
ttft   = { normal = { mean = "100ms", sd = "20ms", min = "90ms" } }
itl    = { p50 = "12ms", p99 = "40ms" }

[model.speculative]
inherits         = "truncated"
tokens_per_event = { speculative = { draft = 4, acceptance = 0.7 } }

[model.hidden]
source           = "a test"
ttft             = "100ms"
itl              = "20ms"
tokens_per_event = 4
reasoning        = { tokens = 40, shown = false }

[model.shown]
inherits  = "hidden"
reasoning = { shown = true }
"#;

fn profile(name: &str) -> Arc<Profile> {
    let mut models = Catalog::default();
    models.add(MODELS, "models.toml").unwrap();
    Arc::clone(models.get(name).unwrap())
}

/// The offsets in milliseconds of `steps` steps of the answer to each of `answers` requests.
fn offsets_ms(name: &str, answers: u64, steps: u32) -> impl Iterator<Item = Vec<f64>> {
    let (profile, start) = (profile(name), Instant::now());
    let engine = IndependentEngine::new(Seed::new(1), 1.0);
    (0..answers).map(move |body| {
        let content = Content::natural(Seed::new(body), steps, Finish::Length);
        let (profile, delay) = (Arc::clone(&profile), Duration::ZERO);
        let job = Job {
            profile,
            prompt_tokens: 10,
            content,
            delay,
            total: None,
            body,
            start,
            priority: 0,
            prefix: PromptPrefix::default(),
        };
        let mut schedule = engine.admit(job).unwrap().schedule;
        let mut planned = move |step| match schedule.poll_token(step, start, Waker::noop()) {
            Due::At(at) => at,
            due => panic!("{due:?}"),
        };
        (0..steps).map(|step| (planned(step) - start).as_secs_f64() * 1e3).collect()
    })
}

/// Fails if `samples` differ from the distribution `cdf`.
fn assert_distribution(mut samples: Vec<f64>, cdf: impl Fn(f64) -> f64, what: &str) {
    samples.sort_by(f64::total_cmp);
    let count = samples.len() as f64;
    let distance = samples.iter().enumerate().fold(0.0_f64, |most, (index, sample)| {
        let expected = cdf(*sample);
        let (below, up_to) = (index as f64 / count, (index + 1) as f64 / count);
        most.max((expected - below).abs()).max((up_to - expected).abs())
    });
    let statistic = distance * count.sqrt();
    assert!(statistic < CRITICAL, "{what}: {statistic:.3} is above {CRITICAL}");
}

/// The share of a standard normal distribution up to `z`: Simpson's rule over its density.
fn standard_normal(z: f64) -> f64 {
    const INTERVALS: u32 = 400;
    let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let width = z / f64::from(INTERVALS);
    let inner = |index: u32| f64::from(2 + 2 * (index % 2)) * density(f64::from(index) * width);
    0.5 + width / 3.0 * (density(0.0) + (1..INTERVALS).map(inner).sum::<f64>() + density(z))
}

fn normal(mean: f64, sd: f64, min: f64) -> impl Fn(f64) -> f64 {
    let up_to = move |value: f64| standard_normal((value - mean) / sd);
    move |value| if value < min { 0.0 } else { (up_to(value) - up_to(min)) / (1.0 - up_to(min)) }
}

/// Of a median and another percentile, whose quantile of the standard normal distribution is `z`.
fn log_normal(p50: f64, percentile: f64, z: f64) -> impl Fn(f64) -> f64 {
    let sigma = (percentile / p50).ln() / z;
    move |value| standard_normal((value / p50).ln() / sigma)
}

fn first_steps(name: &str) -> Vec<f64> {
    offsets_ms(name, SAMPLES, 1).map(|offsets| offsets[0]).collect()
}

fn gaps(name: &str) -> Vec<f64> {
    let offsets = offsets_ms(name, SAMPLES / 100, 101);
    offsets.flat_map(|offsets| offsets.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>()).collect()
}

#[test]
fn planned_ttft_has_the_distribution_of_the_profile() {
    assert_distribution(first_steps("mixture"), log_normal(645.0, 1_094.0, 1.644_854), "log-normal TTFT");
    assert_distribution(first_steps("truncated"), normal(100.0, 20.0, 90.0), "truncated normal TTFT");
}

#[test]
fn planned_gaps_have_the_distribution_of_the_profile() {
    let (base, stall) = (normal(8.5, 1.5, 0.0), normal(60.0, 20.0, 0.0));
    let mixture = |value| 0.98 * base(value) + 0.02 * stall(value);
    assert_distribution(gaps("mixture"), mixture, "ITL that is a mixture");
    for name in ["truncated", "speculative"] {
        assert_distribution(gaps(name), log_normal(12.0, 40.0, 2.326_348), "log-normal ITL");
    }
}

#[test]
#[should_panic(expected = "is above")]
fn another_distribution_is_found() {
    assert_distribution(first_steps("mixture"), log_normal(645.0, 1_200.0, 1.644_854), "log-normal TTFT");
}

#[test]
fn planned_time_of_the_first_visible_token_is_after_hidden_reasoning() {
    let visible_ms = |name: &str| {
        let (profile, start) = (profile(name), Instant::now());
        let request = GenerationRequest { max_tokens: Some(100), ..GenerationRequest::default() };
        let Reply { content, delay } = ResponsePlanner::new(Seed::new(1)).reply(&profile, &request).unwrap();
        let job = Job {
            profile,
            prompt_tokens: 10,
            content,
            delay,
            total: None,
            body: 1,
            start,
            priority: 0,
            prefix: PromptPrefix::default(),
        };
        let lease = IndependentEngine::new(Seed::new(1), 1.0).admit(job).unwrap();
        [lease.first_visible(), lease.schedule.end()].map(|at| (at.unwrap() - start).as_millis())
    };
    // 100 tokens are 25 events, and the reasoning the first ten of them.
    assert_eq!(visible_ms("hidden"), [100 + 10 * 20, 100 + 24 * 20]);
    assert_eq!(visible_ms("shown"), [100, 100 + 24 * 20]);
}
