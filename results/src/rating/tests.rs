//! What runs suggest.

use std::time::Duration;

use super::*;
use crate::fixture;
use crate::histogram::Histogram;
use crate::summary::{FailureCount, Figures, Summary, TaskFigures};

fn texts(summary: &Summary) -> String {
    let found = recommendations(summary).into_iter();
    found.map(|found| format!("{:?}: {}", found.gravity, found.text)).collect::<Vec<_>>().join("\n")
}

/// A run of one task with these figures.
fn one_task(figures: Figures) -> Summary {
    let mut summary = fixture::streaming();
    summary.tasks[0].figures = figures.clone();
    Summary { all: figures, ..summary }
}

#[test]
fn a_run_without_trouble_is_left_alone() {
    assert_eq!(texts(&fixture::mix()), "");
    assert_eq!(texts(&fixture::streaming()), "", "slow, but its server was told to be");
}

#[test]
fn a_generator_that_was_the_bottleneck_comes_first() {
    insta::assert_snapshot!(texts(&fixture::open_loop()), @r"
    Untrustworthy: run the generator on a machine of its own, or make less load: it was the bottleneck (p99 of schedule lateness was 31 ms; at most 10 ms is allowed)
    Failing: the target does not keep up with this rate, or `max_in_flight` is too low for it: 21 of 4 021 arrivals were never started (0.52 %)
    ");
}

#[test]
fn failures_name_their_kind() {
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
    insta::assert_snapshot!(failing("connect", 10), @r"
    Failing: see whether the target takes so many connections for `chat`: 10 of 100 requests failed (10.0 %), 9 of them with connect
    Hint: run longer: 90 requests completed, and p99 needs 100
    ");
    insta::assert_snapshot!(failing("timeout_headers", 10), @r"
    Failing: find out what `chat` waits for, or give it more time (`[timeouts]`): 10 of 100 requests failed (10.0 %), 9 of them with timeout_headers
    Hint: run longer: 90 requests completed, and p99 needs 100
    ");
    assert!(!failing("http_503", 4).contains("Failing"), "4 of 94 are within 5 %");
}

#[test]
fn a_stream_is_judged_by_its_beginning_and_its_pace() {
    let real = Figures { ground_truth: None, ..fixture::streaming().all };
    insta::assert_snapshot!(texts(&one_task(real.clone())), @"Slow: bring the first token of `chat` forward: TTFT p95 1.13 s, and in the median 646 ms of an answer's 1.29 s (50.1 %)");
    let plain = Figures { ttft: Histogram::default(), tpot: Histogram::default(), ..real.clone() };
    insta::assert_snapshot!(texts(&one_task(plain)), @"Slow: make `chat` faster: p95 1.99 s");
    let fast_start = Figures { ttft: fixture::spread(738, 100.0, 0.1), ..real };
    assert_eq!(texts(&one_task(fast_start.clone())), "", "an answer may take its time to be read");
    let slow_pace = Figures { tpot: fixture::spread(738, 120.0, 0.1), ..fast_start.clone() };
    insta::assert_snapshot!(texts(&one_task(slow_pace)), @"Slow: `chat` streams slower than people read: 8.33 tokens/s in the median stream (TPOT 120 ms)");
    let held_back = Figures { coalesced: fast_start.events / 2, ..fast_start };
    insta::assert_snapshot!(texts(&one_task(held_back)), @"Hint: see whether a proxy or the server holds the stream of `chat` back: 23 616 of 47 232 events came together with the one before (50.0 %), which ITL cannot tell apart");
}

#[test]
fn waiting_in_the_server_is_told_by_the_server() {
    let mut figures = fixture::streaming().all;
    figures.ground_truth.as_mut().unwrap().queue = fixture::spread(738, 600.0, 0.1);
    insta::assert_snapshot!(texts(&one_task(figures)), @"Slow: raise what the server does at once for `chat`: 603 ms of the 1.34 s that an answer took were spent in its queue (45.1 %, by its own account, on average)");
}

#[test]
fn a_few_that_wait_much_longer_are_a_tail() {
    let mut e2e = fixture::spread(980, 20.0, 0.1);
    (0..20).for_each(|_| e2e.record(Duration::from_millis(900)));
    let figures = Figures { completed: 1_000, e2e, ..Figures::default() };
    insta::assert_snapshot!(texts(&one_task(figures)), @"Slow: see what a few requests of `chat` wait for: p99 900 ms is 44.9 times the median of 20.0 ms");
}

#[test]
fn limits_and_short_runs_are_hints() {
    let mut summary = one_task(Figures { completed: 60, rate_limited: 40, rps: 3.0, ..Figures::default() });
    summary.window.unfinished = 5;
    insta::assert_snapshot!(texts(&summary), @r"
    Hint: a rate limit holds this load back: 40 of 100 requests were rate limited (40.0 %), and 3.00 req/s came through
    Hint: give the last requests more time (`grace`): 5 of 105 were cut when the run was over
    Hint: run longer: 60 requests completed, and p99 needs 100
    ");
}

#[test]
fn the_worst_come_first_and_there_are_at_most_eight() {
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
    // Without a kind there is nothing to name.
    assert!(text.starts_with("Slow: make `t12` faster"), "{text}");
    assert_eq!(text.lines().count(), 8);
    summary.tasks[0].figures.failures =
        [("reset".to_owned(), FailureCount { count: 100, ..FailureCount::default() })].into();
    assert!(texts(&summary).starts_with("Failing: see whether the target"), "{}", texts(&summary));
}
