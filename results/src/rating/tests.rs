//! Tests of recommendations.

use std::time::Duration;

use super::*;
use crate::fixture;
use crate::histogram::Histogram;
use crate::summary::{FailureCount, Figures, Summary, TaskFigures};

fn texts(summary: &Summary) -> String {
    let found = recommendations(summary).into_iter();
    found.map(|found| format!("{:?}: {}", found.severity, found.text)).collect::<Vec<_>>().join("\n")
}

/// A run of one task with these figures.
fn one_task(figures: Figures) -> Summary {
    let mut summary = fixture::streaming();
    summary.tasks[0].figures = figures.clone();
    Summary { all: figures, ..summary }
}

#[test]
fn recommendations_for_a_run_without_problems_are_empty() {
    assert_eq!(texts(&fixture::mix()), "");
    assert_eq!(texts(&fixture::streaming()), "", "slow, but as planned by the server");
}

#[test]
fn recommendations_for_an_invalid_run_name_the_generator_first() {
    insta::assert_snapshot!(texts(&fixture::open_loop()), @"
    Untrustworthy: run the generator on a separate machine, or reduce the load: it was the bottleneck (p99 of schedule lateness was 31 ms; at most 10 ms is allowed)
    Failing: the target cannot sustain this rate, or `max_in_flight` is too low for it: 21 of 4 021 arrivals were never started (0.52 %)
    ");
}

#[test]
fn recommendations_for_failures_name_their_kind() {
    let failing = |kind: &str, failed: u64| {
        let figures = Figures { completed: 90, failed, ..Figures::default() };
        let kinds = [("check", 1), (kind, failed - 1)];
        let failures =
            kinds.map(|(kind, count)| (kind.to_owned(), FailureCount { count, ..FailureCount::default() }));
        texts(&one_task(Figures { failures: failures.into(), ..figures }))
    };
    insta::assert_snapshot!(failing("http_503", 10), @r"
    Failing: find out why `chat` fails: 10 of 100 requests failed (10.0 %), 9 of them with http_503
    Hint: run longer: 90 requests completed, and p99 needs 100
    ");
    insta::assert_snapshot!(failing("http_429", 10), @r"
    Failing: lower the load on `chat` or raise its limit, or expect it (`expect_429 = true`): 10 of 100 requests failed (10.0 %), 9 of them with http_429
    Hint: run longer: 90 requests completed, and p99 needs 100
    ");
    insta::assert_snapshot!(failing("connect", 10), @"
    Failing: check whether the target accepts this many connections for `chat`: 10 of 100 requests failed (10.0 %), 9 of them with connect
    Hint: run longer: 90 requests completed, and p99 needs 100
    ");
    insta::assert_snapshot!(failing("timeout_headers", 10), @r"
    Failing: find out what `chat` waits for, or give it more time (`[timeouts]`): 10 of 100 requests failed (10.0 %), 9 of them with timeout_headers
    Hint: run longer: 90 requests completed, and p99 needs 100
    ");
    assert!(!failing("http_503", 4).contains("Failing"), "4 of 94 are within 5 %");
}

#[test]
fn recommendations_for_streams_follow_ttft_and_tpot() {
    let real = Figures { ground_truth: None, ..fixture::streaming().all };
    insta::assert_snapshot!(texts(&one_task(real.clone())), @"Slow: reduce the TTFT of `chat`: TTFT p95 1.13 s, and in the median 646 ms of a response's 1.29 s (50.1 %)");
    let plain = Figures { ttft: Histogram::default(), tpot: Histogram::default(), ..real.clone() };
    insta::assert_snapshot!(texts(&one_task(plain)), @"Slow: make `chat` faster: p95 1.99 s");
    let fast_start = Figures { ttft: fixture::spread(738, 100.0, 0.1), ..real };
    assert_eq!(texts(&one_task(fast_start.clone())), "", "an answer may take its time to be read");
    let slow_pace = Figures { tpot: fixture::spread(738, 120.0, 0.1), ..fast_start.clone() };
    insta::assert_snapshot!(texts(&one_task(slow_pace)), @"Slow: `chat` streams slower than people read: 8.33 tokens/s in the median stream (TPOT 120 ms)");
    let held_back = Figures { coalesced: fast_start.events / 2, ..fast_start };
    insta::assert_snapshot!(texts(&one_task(held_back)), @"Hint: check whether a proxy or the server buffers the stream of `chat`: 23 616 of 47 232 events arrived together with the one before (50.0 %), which ITL cannot tell apart");
}

#[test]
fn recommendations_for_queueing_use_the_ground_truth() {
    let mut figures = fixture::streaming().all;
    figures.ground_truth.as_mut().unwrap().queue = fixture::spread(738, 600.0, 0.1);
    insta::assert_snapshot!(texts(&one_task(figures)), @"Slow: raise the server's concurrency for `chat`: 603 ms of the 1.34 s that a response took were spent in its queue (45.1 %, on average, by the server's report)");
}

#[test]
fn recommendations_for_a_long_tail_name_it() {
    let mut e2e = fixture::spread(980, 20.0, 0.1);
    (0..20).for_each(|_| e2e.record(Duration::from_millis(900)));
    let figures = Figures { completed: 1_000, e2e, ..Figures::default() };
    insta::assert_snapshot!(texts(&one_task(figures)), @"Slow: find out what a few requests of `chat` wait for: p99 900 ms is 44.9 times the median of 20.0 ms");
}

#[test]
fn recommendations_for_limits_and_short_runs_are_hints() {
    let mut summary = one_task(Figures { completed: 60, rate_limited: 40, rps: 3.0, ..Figures::default() });
    summary.window.unfinished = 5;
    insta::assert_snapshot!(texts(&summary), @"
    Hint: a rate limit restricts this load: 40 of 100 requests were rate limited (40.0 %), and 3.00 req/s completed
    Hint: give the last requests more time (`grace`): 5 of 105 were cut at the end of the run
    Hint: run longer: 60 requests completed, and p99 needs 100
    ");
}

#[test]
fn recommendations_for_many_problems_are_the_eight_most_severe() {
    let mut summary = fixture::mix();
    let slow = |ms| Figures { completed: 200, e2e: fixture::spread(200, ms, 0.1), ..Figures::default() };
    let template = summary.tasks[0].clone();
    summary.tasks = (1..=12)
        .map(|task| TaskFigures {
            name: format!("t{task}"),
            figures: slow(1_000.0 * f64::from(task)),
            ..template.clone()
        })
        .collect();
    summary.tasks[0].figures.failed = 100;
    let text = texts(&summary);
    // Without a kind, the failures cannot be named.
    assert!(text.starts_with("Slow: make `t12` faster"), "{text}");
    assert_eq!(text.lines().count(), 8);
    summary.tasks[0].figures.failures =
        [("reset".to_owned(), FailureCount { count: 100, ..FailureCount::default() })].into();
    assert!(texts(&summary).starts_with("Failing: check whether the target"), "{}", texts(&summary));
}
