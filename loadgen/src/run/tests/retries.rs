//! Requests that are attempted again.

use std::cell::Cell;

use super::*;
use weir_results::RunVerdict;

/// A task that retries with these keys.
fn retrying(policy: &str) -> String {
    format!("{GET}retry = {{ {policy} }}\n")
}

/// A target whose first `refusals` answers are `refusal`, and the others correct, all after 10 ms.
fn refusing(refusals: usize, refusal: Reply) -> impl Fn(&ReceivedRequest) -> Reply + 'static {
    let seen = Cell::new(0);
    move |_| {
        seen.set(seen.get() + 1);
        if seen.get() <= refusals { refusal.clone() } else { Reply::json(MS(10), "{}") }
    }
}

fn limited() -> Reply {
    Reply::status(429, MS(10), "slow down").with_header("retry-after", "1")
}

#[test]
fn rate_limited_request_is_retried_after_the_time_that_the_server_asks_for() {
    let users = retrying("on = [429, 503], attempts = 3, honour_retry_after = true");
    let run = simulate("users = 1\nrequests = 2", &users, 1, refusing(2, limited()));
    assert_eq!(run.starts(), [0, 1010, 2020, 2030]);
    let all = &run.summary.all;
    assert_eq!((all.completed, all.failed, all.retried, all.retries), (2, 0, 1, 2));
    assert_eq!(all.failed_attempts["http_429"].count, 2);
    assert!(all.failed_attempts["http_429"].example.contains("slow down"), "{:?}", all.failed_attempts);
    // The latency counts from the first attempt.
    assert!(is_about(all.e2e.max(), 2_030) && is_about(all.e2e.min(), 10), "{:?}", all.e2e.max());
    assert_eq!(run.summary.verdict(), RunVerdict::Passed);
}

#[test]
fn request_whose_attempts_all_fail_is_one_failure() {
    let users =
        retrying("on = [429], attempts = 3, delay = '100ms', jitter = false, honour_retry_after = false");
    let run = simulate("users = 1\nrequests = 1", &users, 1, refusing(9, limited()));
    assert_eq!(run.starts(), [0, 110, 320]);
    let all = &run.summary.all;
    assert_eq!((only_failure(all).0, all.failed, all.retries), ("http_429", 1, 2));
}

#[test]
fn request_whose_server_asks_for_a_longer_wait_than_allowed_fails() {
    let users = retrying("on = [429], max_delay = '900ms'");
    let run = simulate("users = 1\nrequests = 1", &users, 1, refusing(9, limited()));
    assert_eq!((run.starts().len(), run.summary.all.failed, run.summary.all.retries), (1, 1, 0));
}

#[test]
fn other_failures_are_not_retried_and_named_kinds_are() {
    let users = retrying("on = ['connect'], delay = '50ms', jitter = false");
    let run = simulate("users = 1\nrequests = 1", &users, 1, refusing(1, limited()));
    assert_eq!((run.summary.all.failed, run.summary.all.retries), (1, 0));
    let run = simulate("users = 1\nrequests = 1", &users, 1, refusing(1, Reply::refused(MS(1))));
    assert_eq!(run.starts(), [0, 51]);
    assert_eq!((run.summary.all.completed, run.summary.all.retried), (1, 1));
    // Nothing was sent before the second attempt.
    assert!(is_always(&run.summary.all.e2e, 10) && is_always(&run.summary.all.response_time, 61));
}

#[test]
fn end_of_the_load_ends_the_wait_for_the_next_attempt() {
    let users = retrying("on = [429], attempts = 9");
    let run =
        simulate("users = 2\nrun_time = \"2500ms\"\ngrace = \"5s\"", &users, 1, |_: &ReceivedRequest| {
            limited()
        });
    // The third attempts end at 2.03 s, and the fourth would begin after the end.
    assert_eq!(run.starts().len(), 6);
    assert_eq!((run.summary.all.failed, run.summary.window.unfinished), (0, 2));
    assert_eq!(run.summary.window.run_s, 2.5);
}

#[test]
fn stop_ends_the_wait_for_the_next_attempt() {
    let scenario = scenario(
        "http://target",
        "users = 1\nrun_time = \"10m\"",
        &retrying("on = [429], attempts = 9, delay = '40s', jitter = false, honour_retry_after = false"),
    );
    let control = Control::new();
    let run = simulate_run(
        &scenario,
        options(1),
        &control,
        |_| limited(),
        |progress| {
            if progress.second().at_s == 4 {
                control.stop();
            }
        },
    );
    assert_eq!((run.starts(), run.summary.window.run_s), (vec![0], 5.0));
    assert_eq!(run.summary.window.ended, Some(EndReason::Interrupted));
}

#[test]
fn expected_rate_limiting_is_retried_and_stays_expected() {
    let users = format!("{}expect_429 = true\n", retrying("on = [429], attempts = 2"));
    let run = simulate("users = 1\nrequests = 1", &users, 1, refusing(9, limited()));
    let all = &run.summary.all;
    assert_eq!((all.rate_limited, all.failed, all.retries), (1, 0, 1));
}
