//! Open loops: when arrivals start, wait and are shed.

use super::*;

fn counts(run: &SimulatedRun) -> (u64, u64, u64, u64, u64) {
    let counts = run.summary.generator.arrivals.unwrap();
    (counts.planned, counts.started, counts.queued, counts.shed, counts.late)
}

#[test]
fn constant_arrivals_start_at_their_instants_with_any_number_of_workers() {
    for workers in [1, 2, 3] {
        let run = simulate("rate = \"100/s\"\nrun_time = \"500ms\"", GET, workers, after(300));
        assert_eq!(run.starts(), (0..50).map(|nth| nth * 10).collect::<Vec<_>>(), "{workers} workers");
        assert_eq!(counts(&run), (50, 50, 0, 0, 0));
        let all = &run.summary.all;
        assert_eq!((all.completed, run.summary.generator.lateness.max()), (50, Some(Duration::ZERO)));
        assert!(is_always(&all.e2e, 300) && is_always(&all.response_time, 300));
    }
}

#[test]
fn arrivals_above_limit_wait_and_are_shed_when_queue_is_full() {
    // Two at once, 100 ms each: 20 per second of 40.
    let load = "rate = \"40/s\"\nmax_in_flight = 2\nrun_time = \"400ms\"";
    let run = simulate(load, GET, 1, after(100));
    assert_eq!(run.starts(), [0, 25, 100, 125, 200, 225, 300, 325]);
    // Due at 0, 25, … 375: two wait at any time, the others are shed, as are the two that wait at the end.
    assert_eq!(counts(&run), (16, 8, 8, 8, 6));
    assert_eq!(run.summary.generator.arrivals.unwrap().queue_max, 2);
    let all = &run.summary.all;
    assert!(is_always(&all.e2e, 100) && all.completed == 8 && all.failed == 0);
    // The one due at 100 started at 200.
    assert!(is_about(all.response_time.max(), 200), "{:?}", all.response_time.max());
}

#[test]
fn poisson_arrivals_are_the_same_with_any_number_of_workers() {
    let load = "rate = \"50/s\"\narrivals = \"poisson\"\nrun_time = \"10s\"";
    let starts = [1, 2, 3].map(|workers| {
        let run = simulate(load, GET, workers, after(5));
        run.requests.iter().map(|request| request.at).collect::<Vec<_>>()
    });
    assert_eq!(starts[0], starts[1]);
    assert_eq!(starts[0], starts[2]);
    assert!((400..600).contains(&starts[0].len()), "{}", starts[0].len());
}

#[test]
fn arrivals_wait_for_on_start_and_count_the_wait() {
    let users = format!(
        "[[user.u.on_start]]\nname = \"login\"\nrequest = {{ kind = \"http\", path = \"/login\" }}\n{GET}"
    );
    let run = simulate("rate = \"10/s\"\nrun_time = \"400ms\"", &users, 1, after(250));
    assert_eq!(run.starts_of("GET /login"), [0]);
    assert_eq!(run.starts(), [0, 250, 250, 250, 300]);
    let task = &run.summary.tasks[0].figures;
    assert!(is_always(&task.e2e, 250) && is_about(task.response_time.max(), 500));
    assert_eq!(counts(&run), (4, 4, 3, 0, 3));
}

#[test]
fn arrivals_are_shed_when_on_start_fails() {
    let users = format!(
        "[[user.u.on_start]]\nname = \"login\"\nrequest = {{ kind = \"http\", path = \"/login\" }}\n{GET}"
    );
    let target = |_: &ReceivedRequest| Reply::status(401, MS(10), "{}");
    let run = simulate("rate = \"100/s\"\nrun_time = \"300ms\"", &users, 1, target);
    assert_eq!(counts(&run), (30, 0, 30, 30, 0));
    assert_eq!((of_task(&run.summary, "login").failed, run.summary.all.completed), (1, 0));
}

#[test]
fn arrivals_share_the_captured_login_of_their_worker() {
    let users = r#"
[[user.u.on_start]]
name = "login"
request = { kind = "http", path = "/login" }
capture = { token = { json = "/token" } }
[[user.u.task]]
name = "work"
request = { kind = "http", path = "/work/{{ token }}" }
[[user.u.on_stop]]
name = "logout"
request = { kind = "http", path = "/logout/{{ token }}" }
"#;
    let target = |request: &ReceivedRequest| {
        Reply::json(Duration::ZERO, &format!(r#"{{"token":"t{}"}}"#, request.worker))
    };
    let run = simulate("rate = \"100/s\"\nrun_time = \"500ms\"", users, 2, target);
    assert_eq!(run.summary.all.failed, 0, "{:?}", run.summary.all.failures);
    let of_each = ["GET /work/t0", "GET /work/t1", "GET /login", "GET /logout/"];
    assert_eq!(of_each.map(|line| run.starts_of(line).len()), [25, 25, 2, 2]);
    assert_eq!(run.starts_of("GET /logout/"), [500, 500]);
}
