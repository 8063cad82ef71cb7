//! Measurements in simulated time, and one over real sockets.

use std::time::Duration;

use serde_json::json;
use weir_pace::Seed;
use weir_results::{Arm, EndReason, SpeedupSummary, SpeedupVerdict};

use super::drive::{Arms, SpeedupProgress, compare, run_speedup};
use super::options::{SpeedupError, SpeedupOptions};
use super::order::abba;
use crate::run::Control;
use crate::run::simulation::{ReceivedRequest, Reply, SimulatedTarget};

const MS: fn(u64) -> Duration = Duration::from_millis;

fn options(pairs: u32, at_once: u32) -> SpeedupOptions {
    let headers = [(http::HeaderName::from_static("x-api-key"), http::HeaderValue::from_static("secret"))];
    SpeedupOptions {
        pairs,
        at_once,
        seed: Seed::new(7),
        headers: headers.into_iter().collect(),
        ..SpeedupOptions::default()
    }
}

fn is_parallel(request: &ReceivedRequest) -> bool {
    request.headers["x-enable-parallel"] == "true"
}

/// A chain of two steps of 30 ms and a join of 15 ms, plus 5 ms of overhead.
fn three_steps(request: &ReceivedRequest) -> Reply {
    let step =
        |name: &str, took: f64, needs: &[&str]| json!({ "name": name, "elapsed_ms": took, "needs": needs });
    let steps = [step("a", 30.0, &[]), step("b", 30.0, &[]), step("join", 15.0, &["a", "b"])];
    let body = json!({ "status": "ok", "result": null, "steps": steps, "metadata": {} }).to_string();
    Reply::json(MS(if is_parallel(request) { 50 } else { 80 }), &body)
}

/// Measures in simulated time; `on_block` is called with the number of blocks done.
fn measure(
    options: &SpeedupOptions,
    target: impl Fn(&ReceivedRequest) -> Reply + 'static,
    on_block: impl Fn(u32, &Control),
) -> (Result<SpeedupSummary, SpeedupError>, Vec<ReceivedRequest>) {
    weir_pace::simulate(|clock| async move {
        let (control, target) = (Control::new(), SimulatedTarget::new(&clock, target));
        let url = "http://target/base".parse().unwrap();
        let input = json!({ "text": "x" });
        let arms = Arms::new(&target.transport(0), &url, "three", &input, options).unwrap();
        let on_progress = |progress: SpeedupProgress<'_>| {
            assert_eq!(progress.blocks, options.pairs * 2);
            on_block(progress.blocks_done, &control);
        };
        let found = compare(arms, &clock, String::new(), options, &control, on_progress).await;
        (found, target.take_requests())
    })
}

#[test]
fn blocks_follow_the_drawn_order_one_after_another() {
    let (found, requests) = measure(&options(4, 2), three_steps, |_, _| ());
    let found = found.unwrap();
    let arms: Vec<Arm> = requests
        .chunks(2)
        .map(|block| if is_parallel(&block[0]) { Arm::Parallel } else { Arm::Sequential })
        .collect();
    let order = abba(4, Seed::new(7));
    let drawn = order.iter().flatten().copied();
    assert_eq!(
        arms,
        std::iter::once(Arm::Parallel).chain(drawn).collect::<Vec<_>>(),
        "after an unmeasured block"
    );
    let mut start = Duration::ZERO;
    for (block, arm) in requests.chunks(2).zip(&arms) {
        assert_eq!([block[0].at, block[1].at], [start; 2], "the runs of a block start together");
        start += if *arm == Arm::Parallel { MS(50) } else { MS(80) };
    }
    let first = &requests[0];
    assert_eq!(first.line, "POST /base/api/chains/three");
    assert_eq!(
        (first.body.as_str(), &first.headers["x-api-key"]),
        (r#"{"text":"x"}"#, &"secret".parse().unwrap())
    );
    assert_eq!((found.pairs.len(), found.runs(), found.failed()), (4, 16, 0));
    assert_eq!((found.ended, found.run_s), (EndReason::Requests, 0.57));
}

#[test]
fn speedup_is_exact_where_every_run_takes_the_same_time() {
    let (found, _) = measure(&options(8, 2), three_steps, |_, _| ());
    let found = found.unwrap();
    let interval = found.interval.unwrap();
    for ratio in [found.ratio.unwrap(), interval.low, interval.high] {
        assert!((ratio - 1.6).abs() < 1e-9, "{ratio}");
    }
    assert!((found.ideal.unwrap() - 75.0 / 45.0).abs() < 1e-9);
    assert_eq!((found.sequential.bound_ms, found.parallel.bound_ms), (Some(75.0), Some(45.0)));
    assert_eq!(found.verdict, SpeedupVerdict::Faster);
}

#[test]
fn failed_runs_are_counted_by_kind_and_their_pair_is_left_out() {
    // The unmeasured block is at 0, the first pair from 50 ms.
    let target = |request: &ReceivedRequest| match (request.at.as_millis(), request.connection) {
        (50, _) => Reply::status(503, MS(10), "busy"),
        (60, 0) => Reply::json(MS(10), r#"{"status":"timeout","error":"too slow"}"#),
        _ => three_steps(request),
    };
    let found = measure(&options(2, 2), target, |_, _| ()).0.unwrap();
    let kinds: Vec<(&str, u64)> =
        found.failures.iter().map(|(kind, failure)| (kind.as_str(), failure.count)).collect();
    assert_eq!(kinds, [("check", 1), ("http_503", 2)]);
    assert_eq!(found.failures["check"].example, "the run ended with timeout: too slow");
    assert_eq!((found.pairs.len(), found.runs(), found.verdict), (1, 5, SpeedupVerdict::Undecided));
}

#[test]
fn first_block_without_success_is_an_error() {
    let (found, _) = measure(&options(2, 1), |_| Reply::status(404, MS(1), "{}"), |_, _| ());
    let error = found.unwrap_err().to_string();
    insta::assert_snapshot!(error, @"http://target/base does not run the chain three: answered 404 Not Found");
    let (found, _) = measure(&options(2, 1), |_| Reply::refused(MS(1)), |_, _| ());
    assert!(matches!(found, Err(SpeedupError::Unreachable { .. })), "{found:?}");
}

#[test]
fn answer_above_its_limit_is_a_failure() {
    let target = |request: &ReceivedRequest| match request.at.as_millis() {
        50 => Reply::json(MS(10), &" ".repeat((16 << 20) + 1)),
        _ => three_steps(request),
    };
    let found = measure(&options(1, 1), target, |_, _| ()).0.unwrap();
    assert_eq!(found.failures["too_large"].example, "the answer is larger than 16 MiB");
}

#[test]
fn stop_keeps_the_pairs_so_far() {
    let (found, requests) = measure(&options(50, 1), three_steps, |done, control| {
        if done == 6 {
            control.stop();
        }
    });
    let found = found.unwrap();
    assert_eq!((found.ended, found.pairs.len(), found.pairs_planned), (EndReason::Interrupted, 3, 50));
    assert_eq!(requests.len(), 7, "nothing is sent after the stop");
}

#[test]
fn target_that_refuses_a_whole_pair_ends_the_measurement() {
    let target = |request: &ReceivedRequest| {
        if request.at < MS(300) { three_steps(request) } else { Reply::refused(MS(1)) }
    };
    let found = measure(&options(50, 1), target, |_, _| ()).0.unwrap();
    assert_eq!((found.ended, found.pairs.len()), (EndReason::TargetDead, 2));
}

#[test]
fn options_and_names_are_checked_before_anything_is_sent() {
    let target = "http://127.0.0.1:9".parse().unwrap();
    let run = |chain: &str, options: &SpeedupOptions| {
        run_speedup(&target, chain, &json!({}), options, &Control::new(), |_| ()).unwrap_err()
    };
    let messages = [options(0, 1), options(1_001, 1), options(1, 0), options(1, 257)]
        .map(|options| run("three", &options).to_string());
    insta::assert_snapshot!(messages.join("\n"), @r"
    pairs: 0 is out of range; expected 1 to 1000
    pairs: 1001 is out of range; expected 1 to 1000
    at_once: 0 is out of range; expected 1 to 256
    at_once: 257 is out of range; expected 1 to 256
    ");
    for name in ["", "a/b", "a?b", "ü"] {
        assert!(matches!(run(name, &options(1, 1)), SpeedupError::ChainName { .. }), "{name}");
    }
    // Nothing listens there.
    let unreachable = run("three", &options(1, 1));
    assert!(matches!(unreachable, SpeedupError::Unreachable { .. }), "{unreachable}");
}
