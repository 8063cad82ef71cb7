//! How runs end: grace, stops, dead targets and thresholds.

use super::*;
use weir_results::{Outcome, RunVerdict};

/// Three users join a second apart, and each answer takes 1.2 s.
const STAGGERED: &str = "users = 3\nspawn_rate = \"1/s\"\nrun_time = \"2500ms\"";

#[test]
fn requests_that_end_within_grace_are_counted_and_others_cut() {
    let load = format!("{STAGGERED}\ngrace = \"900ms\"");
    let run = simulate(&load, GET, 1, after(1_200));
    assert_eq!(run.starts(), [0, 1000, 1200, 2000, 2200, 2400]);
    // The grace ends at 3.4 s: requests end at 1.2, 2.2, 2.4, 3.2 and 3.4, and one would at 3.6.
    assert_eq!(run.cut(), [2400]);
    assert_eq!((run.summary.all.completed, run.summary.window.unfinished), (5, 1));
    assert_eq!(run.summary.window.run_s, 3.4);
    assert_eq!(run.summary.window.ended, Some(EndReason::RunTime));
}

#[test]
fn shorter_grace_cuts_more_requests() {
    let load = format!("{STAGGERED}\ngrace = \"500ms\"");
    let run = simulate(&load, GET, 2, after(1_200));
    assert_eq!(run.cut(), [2000, 2200, 2400]);
    assert_eq!((run.summary.all.completed, run.summary.window.unfinished), (3, 3));
    assert_eq!(run.summary.window.run_s, 3.0);
}

#[test]
fn zero_grace_cuts_everything_in_flight() {
    let load = "rate = \"10/s\"\nrun_time = \"1s\"\ngrace = \"0s\"";
    let run = simulate(load, GET, 1, after(250));
    assert_eq!(run.cut(), [800, 900]);
    assert_eq!((run.summary.all.completed, run.summary.window.unfinished), (8, 2));
}

#[test]
fn grace_after_the_last_of_a_number_of_requests_cuts_those_in_flight() {
    let run = simulate("users = 2\nrequests = 2\ngrace = \"1s\"", GET, 1, after(6_000));
    assert_eq!((run.starts(), run.cut()), (vec![0, 0], vec![0, 0]));
    assert_eq!((run.summary.all.completed, run.summary.window.unfinished), (0, 2));
    assert_eq!((run.summary.window.run_s, run.summary.window.ended), (1.0, Some(EndReason::Requests)));

    // Each of two workers has half of the budget, and its own last request: at 500 ms.
    let run = simulate("users = 2\nrequests = 4\ngrace = \"1s\"", GET, 2, after(500));
    assert_eq!(run.starts(), [0, 0, 500, 500]);
    assert_eq!((run.summary.all.completed, run.summary.window.unfinished), (4, 0));
    assert_eq!(run.summary.window.run_s, 1.0);
}

/// Runs for ten minutes unless `stop` ends the run after its third second.
fn stopped(users: &str, answer: Duration, stop: fn(&Control)) -> SimulatedRun {
    let scenario = scenario("http://target", "users = 2\nrun_time = \"10m\"", users);
    let control = Control::new();
    simulate_run(
        &scenario,
        options(1),
        &control,
        move |_| Reply::json(answer, "{}"),
        |progress| {
            if progress.second().at_s == 2 {
                stop(&control);
            }
        },
    )
}

#[test]
fn stop_gives_requests_in_flight_a_second() {
    let run = stopped(GET, MS(1_700), Control::stop);
    assert_eq!(run.starts(), [0, 0, 1700, 1700]);
    // Stopped at 3 s: those of 1.7 s end at 3.4 s.
    assert_eq!((run.summary.all.completed, run.summary.window.unfinished), (4, 0));
    assert_eq!(run.summary.window.ended, Some(EndReason::Interrupted));
    assert_eq!(run.summary.window.run_s, 3.4);

    let run = stopped(GET, MS(2_500), Control::stop);
    assert_eq!(run.cut(), [2500, 2500]);
    assert_eq!((run.summary.window.unfinished, run.summary.window.run_s), (2, 4.0));
}

#[test]
fn stop_now_cuts_requests_in_flight_at_once() {
    let run = stopped(GET, MS(1_700), Control::stop_now);
    assert_eq!(run.cut(), [1700, 1700]);
    assert_eq!((run.summary.all.completed, run.summary.window.unfinished), (2, 2));
    assert_eq!(run.summary.window.run_s, 3.0);
}

#[test]
fn stop_omits_on_stop_tasks() {
    let users = format!(
        "[[user.u.on_stop]]\nname = \"logout\"\nrequest = {{ kind = \"http\", path = \"/logout\" }}\n{GET}"
    );
    let run = stopped(&users, MS(400), Control::stop);
    assert_eq!(run.starts_of("GET /logout").len(), 0);
    assert_eq!(run.summary.window.ended, Some(EndReason::Interrupted));
}

#[test]
fn target_that_refuses_every_connection_for_five_seconds_ends_the_run() {
    let died = |request: &ReceivedRequest| {
        if request.at < MS(2_500) { Reply::json(MS(100), "{}") } else { Reply::refused(MS(1)) }
    };
    let run = simulate("users = 2\nrun_time = \"10m\"", GET, 2, died);
    assert_eq!(run.summary.window.ended, Some(EndReason::TargetDead));
    // The last answer is in the third second; the fourth to the ninth have refusals only.
    assert_eq!(run.summary.window.run_s, 9.0);
    assert_eq!(run.completed(), [18, 20, 12, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(only_failure(&run.summary.all).0, "connect");
}

#[test]
fn threshold_with_abort_ends_the_run_after_its_delay() {
    let text = r#"
        url = "http://target"
        load = { users = 2, run_time = "10m" }
        thresholds = { all = ["rps > 100", { limit = "errors < 20%", abort = true, after = "3s" }] }
        user.u.think = "10ms"
        user.u.task = [{ request = { kind = "http", path = "/" } }]"#;
    let scenario = Scenario::parse("test", "test", text, &|_| None).unwrap();
    let target = |request: &ReceivedRequest| match request.at.is_zero() {
        true => Reply::json(MS(12), "{}"),
        false => Reply::status(500, MS(12), "no"),
    };
    let run = simulate_run(&scenario, options(1), &Control::new(), target, |_| ());
    assert_eq!(run.summary.window.ended, Some(EndReason::Threshold));
    assert_eq!(run.summary.verdict(), RunVerdict::Failed);
    let [rps, errors] = run.summary.thresholds.as_slice() else { panic!("{:?}", run.summary.thresholds) };
    assert_eq!((rps.outcome, rps.ended_run_at_s), (Outcome::Failed, None));
    assert_eq!((errors.outcome, errors.value), (Outcome::Failed, Some(272.0 / 274.0)));
    assert_eq!(errors.ended_run_at_s, Some(3.0));
    // Each user sends every 22 ms; its last request is in flight at 3 s, and ends.
    assert_eq!((run.summary.window.run_s, run.summary.all.failed), (3.004, 272));
}

#[test]
fn run_without_success_ends_after_two_seconds_and_fails() {
    let load = "users = 4\nrun_time = \"10m\"\nwarm_up = \"30s\"";
    let run = simulate(load, GET, 2, |_: &ReceivedRequest| Reply::status(404, MS(100), "no such model"));
    assert_eq!(run.summary.window.ended, Some(EndReason::NothingSucceeded));
    assert!(run.summary.window.run_s < 2.2, "{}", run.summary.window.run_s);
    assert_eq!(run.summary.verdict(), RunVerdict::Failed);
    // All of it was warm-up, and yet the reason is known.
    let failure = &run.summary.failures_outside["http_404"];
    assert!(failure.count >= 10 && failure.example.contains("no such model"), "{failure:?}");
    let [errors] = run.summary.thresholds.as_slice() else { panic!("{:?}", run.summary.thresholds) };
    assert_eq!((errors.text.as_str(), errors.outcome), ("errors < 100%", Outcome::NotMeasured));
}

#[test]
fn run_with_slow_success_beside_quick_refusals_goes_on() {
    let target = |request: &ReceivedRequest| match request.connection {
        0 => Reply::json(MS(4_000), "{}"),
        _ => Reply::status(503, MS(1), "at capacity"),
    };
    let run = simulate("users = 8\nrun_time = \"9s\"", GET, 1, target);
    assert_eq!((run.summary.window.ended, run.summary.all.completed), (Some(EndReason::RunTime), 3));
    assert_eq!(run.summary.verdict(), RunVerdict::Passed);
}

#[test]
fn run_that_reaches_no_target_in_its_window_is_invalid() {
    let dies = |request: &ReceivedRequest| {
        if request.at < MS(900) { Reply::json(MS(100), "{}") } else { Reply::refused(MS(1)) }
    };
    let run = simulate("users = 2\nrun_time = \"3s\"\nwarm_up = \"1s\"", GET, 1, dies);
    assert_eq!((run.summary.all.completed, run.summary.window.ended), (0, Some(EndReason::RunTime)));
    assert_eq!(run.summary.verdict(), RunVerdict::Invalid);
}
