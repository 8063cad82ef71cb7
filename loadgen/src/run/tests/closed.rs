//! Closed loops: when users join and send.

use super::*;

#[test]
fn spawn_rate_of_two_per_second_starts_users_half_a_second_apart() {
    for workers in [1, 2, 3] {
        let load = "users = 4\nspawn_rate = \"2/s\"\nrun_time = \"2500ms\"";
        // Each user sends once: its answer takes longer than the run.
        let run = simulate(load, GET, workers, after(3_000));
        assert_eq!(run.starts(), [0, 500, 1000, 1500], "{workers} workers");
        let worker_of_each: Vec<usize> = run.requests.iter().map(|request| request.worker).collect();
        assert_eq!(worker_of_each, [0, 1, 2, 3].map(|user| user % workers));
        assert_eq!(run.users()[..2], [2, 4], "{workers} workers");
    }
}

#[test]
fn users_without_spawn_rate_start_at_once() {
    let run = simulate("users = 3\nrequests = 3", GET, 1, after(100));
    assert_eq!(run.starts(), [0, 0, 0]);
    let connections: BTreeSet<usize> = run.requests.iter().map(|request| request.connection).collect();
    assert_eq!(connections.len(), 3, "each user has a connection");
}

#[test]
fn concurrency_with_spawn_rate_starts_users_apart() {
    let run = simulate("concurrency = 4\nspawn_rate = \"8/s\"\nrequests = 4", GET, 1, after(1_000));
    assert_eq!(run.starts(), [0, 125, 250, 375]);
}

#[test]
fn user_whose_requests_fail_at_once_pauses_between_them() {
    for status in [429, 500] {
        let fails = move |_: &ReceivedRequest| Reply::status(status, Duration::ZERO, "{}");
        let run = simulate("users = 1\nrun_time = \"40ms\"", GET, 1, fails);
        assert_eq!(run.starts(), [0, 10, 20, 30], "{status}");
        assert_eq!(run.summary.all.failed, 4, "{status}");
    }
}

#[test]
fn user_with_think_time_sends_after_answer_and_pause() {
    let users = format!("[user.u]\nthink = \"400ms\"\n{GET}");
    let run = simulate("users = 1\nrun_time = \"2s\"", &users, 1, after(100));
    assert_eq!(run.starts(), [0, 500, 1000, 1500], "a request at the end of the run does not start");
    assert_eq!(run.summary.window.ended, Some(EndReason::RunTime));
    assert_eq!(run.summary.generator.lateness.max(), Some(Duration::ZERO));
    assert_eq!(run.summary.load.think_mean_s, Some(0.4));
}

#[test]
fn user_with_long_think_time_leaves_before_the_end() {
    let users = format!("[user.u]\nthink = \"1h\"\n{GET}");
    let run = simulate("users = 3\nrun_time = \"200ms\"", &users, 1, after(0));
    assert_eq!((run.summary.all.completed, run.summary.window.unfinished), (3, 0));
    assert_eq!(run.summary.window.run_s, 0.0, "no request can start after the first ones");
}

#[test]
fn task_think_time_replaces_that_of_its_class() {
    let users = format!("[user.u]\nthink = \"1h\"\n{GET}think = \"300ms\"\n");
    let run = simulate("users = 1\nrequests = 3", &users, 1, after(0));
    assert_eq!(run.starts(), [0, 300, 600]);
    assert_eq!(run.summary.load.think_mean_s, Some(0.3));
}

#[test]
fn number_of_requests_is_shared_by_users_and_workers() {
    for workers in [1, 2, 3] {
        let run = simulate("users = 3\nrequests = 10", GET, workers, after(100));
        assert_eq!((run.requests.len(), run.summary.all.completed), (10, 10));
        assert_eq!(run.summary.window.ended, Some(EndReason::Requests));
    }
    let run = simulate("users = 3\nrequests = 10", GET, 1, after(100));
    assert_eq!(run.starts(), [0, 0, 0, 100, 100, 100, 200, 200, 200, 300]);
    assert_eq!((run.summary.window.run_s, run.summary.all.rps), (0.4, 25.0));
}

#[test]
fn spent_number_of_requests_ends_a_slow_start() {
    let run = simulate("users = 100\nspawn_rate = \"1/s\"\nrequests = 5", GET, 1, after(300));
    assert_eq!(run.starts(), [0, 300, 600, 900, 1000]);
    assert_eq!(run.summary.window.ended, Some(EndReason::Requests));
}

#[test]
fn refused_user_pauses_before_it_tries_again() {
    let run = simulate("users = 1\nrequests = 4", GET, 1, |_| Reply::refused(MS(10)));
    assert_eq!(run.starts(), [0, 110, 220, 330]);
    assert_eq!(only_failure(&run.summary.all).0, "connect");
}

#[test]
fn requests_of_all_users_have_distinct_numbers() {
    let users = "[[user.u.task]]\nrequest = { kind = \"http\", path = \"/{{ n }}\" }";
    let run = simulate("users = 4\nrequests = 200", users, 3, after(10));
    let lines: BTreeSet<&str> = run.requests.iter().map(|request| request.line.as_str()).collect();
    assert_eq!((run.requests.len(), lines.len()), (200, 200));
}
