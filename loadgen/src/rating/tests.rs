//! What runs suggest.

use std::time::Duration;

use super::*;
use crate::report::fixture;
use crate::summary::{FailureCount, Figures, Summary};

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
}

#[test]
fn trouble_comes_with_its_evidence() {
    insta::assert_snapshot!(texts(&fixture::streaming()), @"");
    insta::assert_snapshot!(texts(&fixture::open_loop()), @"");
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
    insta::assert_snapshot!(failing("http_503", 10), @"");
    insta::assert_snapshot!(failing("http_429", 10), @"");
    insta::assert_snapshot!(failing("connect", 10), @"");
    insta::assert_snapshot!(failing("timeout_headers", 10), @"");
    assert!(!failing("http_503", 4).contains("Failing"), "4 of 94 are within 5 %");
}

#[test]
fn waiting_is_told_from_generating() {
    let mut figures = fixture::streaming().all;
    figures.ttft = fixture::spread(738, 100.0, 0.1);
    insta::assert_snapshot!(texts(&one_task(figures.clone())), @"");
    figures.e2e = fixture::spread(738, 400.0, 0.1);
    figures.tpot = fixture::spread(738, 120.0, 0.1);
    insta::assert_snapshot!(texts(&one_task(figures.clone())), @"");
    figures.tpot = Default::default();
    figures.coalesced = figures.events / 2;
    insta::assert_snapshot!(texts(&one_task(figures.clone())), @"");
    figures.coalesced = 0;
    figures.ground_truth.as_mut().unwrap().queue = fixture::spread(738, 600.0, 0.1);
    insta::assert_snapshot!(texts(&one_task(figures)), @"");
}

#[test]
fn a_few_that_wait_much_longer_are_a_tail() {
    let mut e2e = fixture::spread(980, 20.0, 0.1);
    (0..20).for_each(|_| e2e.record(Duration::from_millis(900)));
    let figures = Figures { completed: 1_000, e2e, ..Figures::default() };
    insta::assert_snapshot!(texts(&one_task(figures)), @"");
}

#[test]
fn limits_and_short_runs_are_hints() {
    let mut summary = one_task(Figures { completed: 60, rate_limited: 40, rps: 3.0, ..Figures::default() });
    summary.window.unfinished = 5;
    insta::assert_snapshot!(texts(&summary), @"");
}

#[test]
fn the_worst_come_first_and_there_are_at_most_eight() {
    let mut summary = fixture::mix();
    let slow = |ms| Figures { completed: 200, e2e: fixture::spread(200, ms, 0.1), ..Figures::default() };
    let template = summary.tasks[0].clone();
    summary.tasks = (1..=12)
        .map(|task| crate::summary::TaskFigures {
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
