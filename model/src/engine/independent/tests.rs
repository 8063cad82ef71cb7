use std::{sync::Arc, time::Duration, time::Instant};

use super::*;
use crate::profile::Catalog;

fn job(model: &str, body: u64) -> Job {
    let profile = Arc::clone(Catalog::embedded().unwrap().get(model).unwrap());
    Job { profile, prompt_tokens: 10, max_tokens: Some(20), total: None, body, start: Instant::now() }
}

fn offsets(lease: &Lease) -> Vec<Duration> {
    let TokenClock::Planned(schedule) = &lease.clock;
    schedule.offsets().collect()
}

fn engine(time_scale: f64) -> IndependentEngine {
    IndependentEngine::new(Seed::new(1), time_scale)
}

#[test]
fn the_same_body_is_answered_with_the_same_words_at_another_pace() {
    let engine = engine(1.0);
    let [first, second] = [(); 2].map(|()| engine.admit(&job("gpt-4o-mini", 5)).unwrap());
    assert_eq!(first.content, second.content);
    assert_ne!(offsets(&first), offsets(&second));
}

#[test]
fn delays_are_the_same_multiset_in_whatever_order_requests_come() {
    let delays = |bodies: &[u64]| {
        let engine = engine(1.0);
        let mut all: Vec<_> =
            bodies.iter().map(|body| offsets(&engine.admit(&job("gpt-4o-mini", *body)).unwrap())).collect();
        all.sort();
        all
    };
    assert_eq!(delays(&[1, 2, 3, 1, 1, 2]), delays(&[2, 1, 1, 3, 2, 1]));
}

#[test]
fn one_prompt_samples_the_whole_distribution() {
    let engine = engine(1.0);
    let mut ttfts: Vec<_> =
        (0..4_000).map(|_| offsets(&engine.admit(&job("gpt-4o-mini", 9)).unwrap())[0]).collect();
    ttfts.sort();
    let (p50, p95) = (ttfts[2_000].as_secs_f64(), ttfts[3_800].as_secs_f64());
    assert!((p50 / 0.645 - 1.0).abs() < 0.05, "p50 {p50}");
    assert!((p95 / 1.094 - 1.0).abs() < 0.08, "p95 {p95}");
}

#[test]
fn the_limit_is_the_length_and_without_one_the_profile_decides() {
    let engine = engine(1.0);
    let limited = engine.admit(&job("steady", 1)).unwrap();
    assert_eq!((limited.content.token_count(), limited.content.finish()), (20, Finish::Length));
    let natural = engine.admit(&Job { max_tokens: None, ..job("steady", 1) }).unwrap();
    assert_eq!((natural.content.token_count(), natural.content.finish()), (64, Finish::Stop));
}

#[test]
fn a_fixed_total_and_the_time_scale_combine() {
    let fixed = Job { total: Some(Duration::from_secs(5)), ..job("gpt-4o-mini", 1) };
    let lease = engine(0.1).admit(&fixed).unwrap();
    assert_eq!(lease.clock.end(), fixed.start + Duration::from_millis(500));
}

#[test]
fn long_prompts_take_longer_where_the_profile_says_so() {
    let ttft = |prompt_tokens| {
        offsets(&engine(1.0).admit(&Job { prompt_tokens, ..job("llama-3.1-8b", 1) }).unwrap())[0]
    };
    assert_eq!(ttft(4_010) - ttft(10), Duration::from_secs(1));
}

#[test]
fn what_does_not_fit_the_context_is_refused_with_the_figures() {
    let large = Job { prompt_tokens: 32_760, ..job("fast", 1) };
    let refusal = engine(1.0).admit(&large).unwrap_err();
    insta::assert_snapshot!(refusal, @"this model's maximum context length is 32768 tokens, but 32760 are in the prompt and 20 were asked for: 12 too many");
}
