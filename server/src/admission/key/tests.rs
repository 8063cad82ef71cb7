//! Tests of the limits of one key.

use std::time::Duration;

use super::*;
use crate::{
    admission::tokens::TokenEstimate,
    config::LimitAlgorithm::{self, Bucket, FixedWindow, SlidingWindow},
    telemetry::Metrics,
};

const HOUR: u64 = 3_600;

fn limit(amount: u64, seconds: u64, algorithm: LimitAlgorithm) -> Limit {
    Limit { amount: amount.try_into().unwrap(), period: Duration::from_secs(seconds), algorithm }
}

fn key(limits: &Limits, start: Instant) -> KeyState {
    KeyState::new(limits, start, Metrics::new().keys.counters(None))
}

fn requests(limits: &[Limit]) -> Limits {
    Limits { requests: limits.to_vec(), ..Limits::default() }
}

/// The requests that are left after one.
fn left(key: &KeyState, now: Instant) -> u64 {
    key.enter(now).unwrap().1.requests.unwrap().remaining
}

fn exceeded(key: &KeyState, now: Instant) -> (RateView, LimitExceeded) {
    match key.enter(now) {
        Err(Exhausted::Rate(rate)) => (rate.view, rate.exceeded),
        other => panic!("{other:?}"),
    }
}

#[test]
fn enter_with_empty_bucket_returns_the_delay() {
    let start = Instant::now();
    let key = key(&requests(&[limit(3, HOUR, Bucket)]), start);
    assert_eq!([left(&key, start), left(&key, start), left(&key, start)], [2, 1, 0]);
    let (view, exceeded) = exceeded(&key, start);
    let view = view.requests.unwrap();
    assert_eq!((view.limit, view.remaining, view.reset), (3, 0, Duration::from_secs(3_600)));
    assert_eq!(exceeded.retry_after, Some(Duration::from_secs(1_200)));
}

#[test]
fn enter_after_calls_ended_succeeds() {
    let start = Instant::now();
    let key = key(&Limits { concurrent: NonZeroU32::new(2), ..Limits::default() }, start);
    let (first, second) = (key.enter(start).unwrap(), key.enter(start).unwrap());
    assert!(matches!(key.enter(start), Err(Exhausted::Concurrent { max: 2 })));
    drop(first);
    assert!(key.enter(start).is_ok());
    drop(second);
}

#[test]
fn enter_at_concurrency_limit_takes_no_request() {
    let start = Instant::now();
    let limits = Limits { concurrent: NonZeroU32::new(1), ..requests(&[limit(10, HOUR, Bucket)]) };
    let key = key(&limits, start);
    let held = key.enter(start).unwrap();
    assert!(key.enter(start).is_err());
    drop(held);
    assert_eq!(left(&key, start), 8);
}

#[test]
fn enter_with_several_limits_takes_from_all_or_none() {
    let start = Instant::now();
    for algorithm in [Bucket, FixedWindow, SlidingWindow] {
        let key = key(&requests(&[limit(2, 1, algorithm), limit(3, HOUR, algorithm)]), start);
        // The state is that of the limit with the fewest requests left.
        assert_eq!([left(&key, start), left(&key, start)], [1, 0]);
        let (_, of_second) = exceeded(&key, start);
        assert_eq!((of_second.limit, of_second.period), (2, Duration::from_secs(1)));
        // The refused request has not used the last one of the hour.
        let later = start + Duration::from_secs(2);
        assert_eq!(left(&key, later), 0);
        let (_, of_hour) = exceeded(&key, later);
        assert_eq!((of_hour.limit, of_hour.used, of_hour.requested), (3, 3, 1), "{algorithm:?}");
    }
}

/// A key with 100 tokens a minute, 80 of prompts and 30 of answers.
fn token_key(algorithm: LimitAlgorithm, start: Instant) -> KeyState {
    let of = |amount| vec![limit(amount, 60, algorithm)];
    let limits = Limits { tokens: of(100), input_tokens: of(80), output_tokens: of(30), ..Limits::default() };
    key(&limits, start)
}

#[test]
fn reserve_beyond_any_limit_takes_no_tokens() {
    let start = Instant::now();
    for algorithm in [Bucket, FixedWindow, SlidingWindow] {
        let key = token_key(algorithm, start);
        let mut view = RateView::default();
        let mut reserve = |input, output| {
            let cost = TokenEstimate::Sum.cost(input, Some(output));
            key.reserve(start, cost, &mut view)
                .map_err(|exceeded| (exceeded.kind, exceeded.used, exceeded.retry_after))
        };
        assert_eq!(reserve(50, 20), Ok(()));
        let (kind, used, wait) = reserve(10, 15).unwrap_err();
        assert_eq!((kind, used), (LimitKind::OutputTokens, 20));
        assert_eq!(
            wait,
            Some(if algorithm == Bucket { Duration::from_secs(10) } else { Duration::from_secs(60) })
        );
        // Larger than the limit of input tokens: no time helps.
        assert_eq!(reserve(81, 1).unwrap_err(), (LimitKind::InputTokens, 50, None));
        assert_eq!(reserve(20, 10), Ok(()));
        let left = |view: Option<crate::admission::LimitView>| view.unwrap().remaining;
        assert_eq!((left(view.tokens), left(view.input_tokens), left(view.output_tokens)), (0, 10, 0));
    }
}

#[test]
fn settle_returns_what_was_not_used_and_takes_what_was_used_besides() {
    let start = Instant::now();
    for algorithm in [Bucket, FixedWindow, SlidingWindow] {
        let key = key(&Limits { tokens: vec![limit(100, 60, algorithm)], ..Limits::default() }, start);
        let mut view = RateView::default();
        let cost = |input| TokenEstimate::Sum.cost(input, Some(0));
        key.reserve(start, cost(90), &mut view).unwrap();
        assert!(key.reserve(start, cost(50), &mut view).is_err());
        key.settle(start, start, cost(90), cost(10));
        key.reserve(start, cost(50), &mut view).unwrap();
        assert_eq!(view.tokens.unwrap().remaining, 40, "{algorithm:?}");
        key.settle(start, start, cost(50), cost(150));
        assert!(key.reserve(start, cost(1), &mut view).is_err());
        assert_eq!(view.tokens.unwrap().remaining, 0);
    }
}

#[test]
fn settle_of_an_earlier_window_leaves_the_current_one() {
    let start = Instant::now();
    for algorithm in [FixedWindow, SlidingWindow] {
        let key = key(&Limits { tokens: vec![limit(100, 60, algorithm)], ..Limits::default() }, start);
        let mut view = RateView::default();
        let cost = |input| TokenEstimate::Sum.cost(input, Some(0));
        key.reserve(start, cost(100), &mut view).unwrap();
        let later = start + Duration::from_secs(61);
        key.reserve(later, cost(70), &mut view).unwrap();
        key.settle(later, start, cost(100), cost(0));
        assert!(key.reserve(later, cost(31), &mut view).is_err(), "{algorithm:?}");
        key.reserve(later, cost(30), &mut view).unwrap();
    }
}
