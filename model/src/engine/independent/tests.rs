use std::{
    sync::{Arc, LazyLock},
    time::Duration,
    time::Instant,
};

use super::*;
use crate::{
    content::{Content, Finish},
    engine::PromptPrefix,
    profile::Catalog,
};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);
static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::embedded().unwrap());

fn job(model: &str, body: u64) -> Job {
    let profile = Arc::clone(CATALOG.get(model).unwrap());
    let content = Content::natural(Seed::new(body), 20, Finish::Length);
    let (total, delay) = (None, Duration::ZERO);
    let prefix = PromptPrefix::default();
    Job { profile, prompt_tokens: 10, content, delay, total, body, start: *START, priority: 0, prefix }
}

fn offsets(lease: &Lease) -> Vec<Duration> {
    let Schedule::Planned(schedule) = &lease.schedule else { panic!("{lease:?}") };
    let mut schedule = schedule.clone();
    let (steps, start) = (lease.content.step_count(), *START);
    (0..steps).map(|index| schedule.planned(index) - start).collect()
}

fn engine(time_scale: f64) -> IndependentEngine {
    IndependentEngine::new(Seed::new(1), time_scale)
}

#[test]
fn admit_of_a_repeated_body_has_another_pace() {
    let engine = engine(1.0);
    let [first, second] = [(); 2].map(|()| engine.admit(job("gpt-4o-mini", 5)).unwrap());
    assert_ne!(offsets(&first), offsets(&second));
}

#[test]
fn admit_in_any_order_yields_the_same_delays() {
    let delays = |bodies: &[u64]| {
        let engine = engine(1.0);
        let mut all: Vec<_> =
            bodies.iter().map(|body| offsets(&engine.admit(job("gpt-4o-mini", *body)).unwrap())).collect();
        all.sort();
        all
    };
    assert_eq!(delays(&[1, 2, 3, 1, 1, 2]), delays(&[2, 1, 1, 3, 2, 1]));
}

#[test]
fn admit_of_one_prompt_samples_the_distribution() {
    let engine = engine(1.0);
    let mut ttfts: Vec<_> =
        (0..4_000).map(|_| offsets(&engine.admit(job("gpt-4o-mini", 9)).unwrap())[0]).collect();
    ttfts.sort();
    let (p50, p95) = (ttfts[2_000].as_secs_f64(), ttfts[3_800].as_secs_f64());
    assert!((p50 / 0.645 - 1.0).abs() < 0.05, "p50 {p50}");
    assert!((p95 / 1.094 - 1.0).abs() < 0.08, "p95 {p95}");
}

#[test]
fn admit_with_fixed_total_and_time_scale_combines_both() {
    let fixed = Job { total: Some(Duration::from_secs(5)), ..job("gpt-4o-mini", 1) };
    let start = fixed.start;
    assert_eq!(engine(0.1).admit(fixed).unwrap().schedule.end(), Some(start + Duration::from_millis(500)));
}

#[test]
fn admit_of_long_prompt_has_longer_ttft() {
    let ttft = |prompt_tokens| {
        offsets(&engine(1.0).admit(Job { prompt_tokens, ..job("llama-3.1-8b", 1) }).unwrap())[0]
    };
    assert_eq!(ttft(4_010) - ttft(10), Duration::from_secs(1));
}

#[test]
fn admit_with_delay_postpones_the_first_token() {
    let ttft = |delay| offsets(&engine(0.5).admit(Job { delay, ..job("steady", 1) }).unwrap())[0];
    assert_eq!(ttft(Duration::from_secs(2)) - ttft(Duration::ZERO), Duration::from_secs(1));
}
