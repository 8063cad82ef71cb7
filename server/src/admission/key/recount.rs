//! Properties of the algorithms, by a recount from the list of admitted instants and costs.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::{
    admission::algorithm::LimitView,
    config::LimitAlgorithm::{self, Bucket, FixedWindow, SlidingWindow},
    telemetry::Metrics,
};

const PERIOD: Duration = Duration::from_secs(60);
const WINDOWS: u32 = 10;

/// The state of a limit, and the time to wait if a request exceeds it.
type Answer = (LimitView, Option<Duration>);

/// A key with one limit.
struct Limited {
    amount: u64,
    key: KeyState,
    start: Instant,
    /// What was admitted: the time since the start, and the cost.
    admitted: Vec<(Duration, u64)>,
}

impl Limited {
    fn requests(amount: u64, algorithm: LimitAlgorithm) -> Self {
        Self::new(amount, |limit| Limits { requests: vec![limit], ..Limits::default() }, algorithm)
    }

    fn tokens(amount: u64, algorithm: LimitAlgorithm) -> Self {
        Self::new(amount, |limit| Limits { tokens: vec![limit], ..Limits::default() }, algorithm)
    }

    fn new(amount: u64, limits: impl Fn(Limit) -> Limits, algorithm: LimitAlgorithm) -> Self {
        let start = Instant::now();
        let limits = limits(Limit { amount: amount.try_into().unwrap(), period: PERIOD, algorithm });
        let key = KeyState::new(&limits, start, Metrics::new().keys.counters(None));
        Self { amount, key, start, admitted: Vec::new() }
    }

    /// A request at `at`; returns the state after it, and the time until it would be admitted.
    fn request(&mut self, at: Duration) -> Answer {
        let (view, taken) = match self.key.enter(self.start + at) {
            Ok((_, view)) => (view, Ok(())),
            Err(Exhausted::Rate(rate)) => (rate.view, Err(rate.exceeded)),
            Err(other) => panic!("{other:?}"),
        };
        self.record(at, 1, view.requests.unwrap(), taken)
    }

    /// An answer of `cost` tokens at `at`.
    fn reserve(&mut self, at: Duration, cost: u64) -> Answer {
        let mut view = RateView::default();
        let taken = self.key.reserve(self.start + at, tokens(cost), &mut view);
        self.record(at, cost, view.tokens.unwrap(), taken)
    }

    fn record(
        &mut self,
        at: Duration,
        cost: u64,
        view: LimitView,
        taken: Result<(), LimitExceeded>,
    ) -> Answer {
        match taken {
            Ok(()) => {
                self.admitted.push((at, cost));
                (view, None)
            }
            Err(exceeded) => {
                assert_eq!((exceeded.limit, exceeded.requested), (self.amount, cost));
                (view, exceeded.retry_after)
            }
        }
    }

    fn total(&self) -> u64 {
        self.admitted.iter().map(|(_, cost)| cost).sum()
    }
}

fn tokens(total: u64) -> TokenCost {
    TokenCost { total, ..TokenCost::default() }
}

/// The units in use at `at` of a bucket of `amount`, in units times nanoseconds.
fn bucket_use(admitted: &[(Duration, u64)], amount: u64, at: Duration) -> u128 {
    let scaled = |units: u64| u128::from(units) * PERIOD.as_nanos();
    let refill = |time: Duration| time.as_nanos() * u128::from(amount);
    let (used, last) = admitted.iter().fold((0, Duration::ZERO), |(used, last): (u128, _), (then, cost)| {
        (used.saturating_sub(refill(*then - last)) + scaled(*cost), *then)
    });
    used.saturating_sub(refill(at - last))
}

/// The units in the current window at `at`, and its end.
fn window_use(admitted: &[(Duration, u64)], at: Duration) -> (u64, Duration) {
    let mut window = (0, Duration::ZERO);
    for (then, cost) in admitted {
        window = if *then >= window.1 { (*cost, *then + PERIOD) } else { (window.0 + cost, window.1) };
    }
    if at >= window.1 { (0, at) } else { window }
}

/// The units in the period before `at`, and `more`.
fn sliding_use(admitted: &[(Duration, u64)], at: Duration, more: Duration) -> u64 {
    admitted.iter().filter(|(then, _)| *then + PERIOD + more > at).map(|(_, cost)| cost).sum()
}

/// Checks the state after an arrival, and whether its refusal was right.
fn check(limited: &Limited, algorithm: LimitAlgorithm, at: Duration, cost: u64, answer: Answer) {
    let Limited { amount, admitted, .. } = limited;
    let (view, wait) = answer;
    let left = |used: u64| amount.saturating_sub(used);
    match algorithm {
        Bucket => {
            let used = bucket_use(admitted, *amount, at);
            let whole = |units: u64| u128::from(units) * PERIOD.as_nanos();
            assert!(used <= whole(*amount), "more than the bucket holds");
            // The bucket of requests counts in whole nanoseconds for each.
            let rounding = Duration::from_nanos(admitted.len() as u64 + 1);
            assert!(view.remaining.abs_diff(((whole(*amount) - used) / PERIOD.as_nanos()) as u64) <= 1);
            let full = Duration::from_nanos(used.div_ceil(u128::from(*amount)) as u64);
            assert!(
                view.reset >= full && view.reset <= full + rounding * *amount as u32,
                "{view:?} {full:?}"
            );
            if let Some(wait) = wait {
                let excess = (used + whole(cost)).saturating_sub(whole(*amount));
                let exact = Duration::from_nanos(excess.div_ceil(u128::from(*amount)) as u64);
                assert!(wait >= exact && wait <= exact + rounding * *amount as u32, "{wait:?} {exact:?}");
            }
        }
        FixedWindow => {
            let (used, end) = window_use(admitted, at);
            assert!(used <= *amount, "more than a window holds");
            assert_eq!((view.remaining, view.reset), (left(used), end - at));
            if let Some(wait) = wait {
                assert!(used + cost > *amount);
                assert_eq!(wait, end - at);
            }
        }
        SlidingWindow => {
            let exact = sliding_use(admitted, at, Duration::ZERO);
            assert!(exact <= *amount, "more than a period holds");
            // Units leave the window at most a part of 256 late.
            let most = sliding_use(admitted, at, PERIOD / 256);
            assert!(view.remaining <= left(exact) && view.remaining >= left(most), "{view:?} {exact} {most}");
            if let Some(wait) = wait {
                assert!(most + cost > *amount);
                assert!(wait <= PERIOD && wait > Duration::ZERO);
            }
        }
    }
}

fn algorithms() -> impl Strategy<Value = LimitAlgorithm> {
    prop_oneof![Just(Bucket), Just(FixedWindow), Just(SlidingWindow)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn enter_agrees_with_a_recount(
        algorithm in algorithms(),
        amount in 1_u64..200,
        gaps in prop::collection::vec(0_u64..4_000, 1..400),
    ) {
        let mut limited = Limited::requests(amount, algorithm);
        let mut at = Duration::ZERO;
        for gap in gaps {
            at += Duration::from_millis(gap);
            let answer = limited.request(at);
            check(&limited, algorithm, at, 1, answer);
        }
    }

    #[test]
    fn reserve_agrees_with_a_recount(
        algorithm in algorithms(),
        amount in 1_u64..100_000,
        calls in prop::collection::vec((0_u64..8_000, 0.0..1.0_f64), 1..300),
    ) {
        let mut limited = Limited::tokens(amount, algorithm);
        let mut at = Duration::ZERO;
        for (gap, share) in calls {
            at += Duration::from_millis(gap);
            let cost = (share * share * amount as f64) as u64;
            let answer = limited.reserve(at, cost);
            check(&limited, algorithm, at, cost, answer);
        }
    }

    #[test]
    fn retry_after_is_when_the_request_is_admitted(
        algorithm in algorithms(),
        amount in 1_u64..1_000,
        costs in prop::collection::vec(0.0..1.0_f64, 1..60),
    ) {
        let mut limited = Limited::tokens(amount, algorithm);
        let mut at = Duration::ZERO;
        for share in costs {
            let cost = (share * amount as f64) as u64;
            if let (_, Some(wait)) = limited.reserve(at, cost) {
                prop_assert!(limited.reserve(at + wait / 2, cost).1.is_some());
                at += wait;
                prop_assert_eq!(limited.reserve(at, cost).1, None);
            }
        }
    }

    #[test]
    fn pressure_over_ten_windows_reaches_the_limit_and_never_exceeds_it(
        algorithm in algorithms(),
        amount in 1_u64..300,
        gap_share in 0.01..0.5_f64,
        jitter in prop::collection::vec(0.1..1.9_f64, 16),
        kind in prop_oneof![Just("requests"), Just("tokens")],
    ) {
        let mut limited = match kind {
            "requests" => Limited::requests(amount, algorithm),
            _ => Limited::tokens(amount, algorithm),
        };
        // More than is allowed, and so often that a unit does not wait long for its next arrival.
        let gap = PERIOD.div_f64(amount as f64).mul_f64(gap_share).min(PERIOD / 500);
        let (mut at, mut count) = (Duration::ZERO, 0);
        while at < PERIOD * WINDOWS {
            let answer = if kind == "requests" { limited.request(at) } else { limited.reserve(at, 1) };
            if count % 64 == 0 {
                check(&limited, algorithm, at, 1, answer);
            }
            at += gap.mul_f64(jitter[count % jitter.len()]);
            count += 1;
        }
        let allowed = match algorithm {
            // What it holds at the start, and what is refilled.
            Bucket => u64::from(WINDOWS + 1) * amount,
            FixedWindow | SlidingWindow => u64::from(WINDOWS) * amount,
        };
        let total = limited.total();
        prop_assert!(total <= allowed, "{total} of {allowed}");
        // A unit may be due just when the last window ends.
        prop_assert!((total + 1) as f64 >= 0.99 * allowed as f64, "{total} of {allowed}");
    }
}
