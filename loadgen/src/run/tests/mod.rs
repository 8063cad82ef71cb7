//! Whole runs over real sockets, small and without tight times.

mod conversations;
mod dialects;
mod search;
mod server;
mod shapes;
mod users;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use weir_pace::Seed;

use self::server::{Seen, Server, Step, answer, chunk, end, ok, stream};
use super::{Control, RunError, RunOptions, run};
use crate::scenario::{ModelPrice, Scenario};
use crate::watch::Watch;
use weir_results::{EndReason, Figures, Outcome, Phase, RunVerdict, Summary, TokenSource, WatchedUnit};

const CHAT: &str = r#"request = { kind = "openai.chat", model = "m", prompt = "p" }"#;
const CHAT_STREAM: &str = r#"request = { kind = "openai.chat", model = "m", prompt = "p", stream = true }"#;
const CONTENT: &str = r#"{"choices":[{"delta":{"content":"x"}}]}"#;

fn scenario(url: &str, load: &str, task: &str) -> Scenario {
    let text = format!(
        "url = \"{url}\"\napi_key_env = \"KEY\"\n[load]\n{load}\n[[user.u.task]]\nname = \"t\"\n{task}\n"
    );
    Scenario::parse("test", "test", &text, &|_| Some("sk-secret".to_owned())).unwrap()
}

fn options(workers: usize) -> RunOptions {
    let (seed, workers) = (Seed::new(1), NonZeroUsize::new(workers));
    RunOptions { seed, workers, watch: Watch::default(), request_log: None }
}

fn summary(server: &Server, load: &str, task: &str) -> Summary {
    run(&scenario(&server.url(), load, task), options(1), &Control::new(), |_| ()).unwrap()
}

fn get(path: &str) -> String {
    format!("request = {{ kind = \"http\", path = \"{path}\" }}")
}

/// The only kind of failure, how often it came, and what the first one said.
fn only_failure(figures: &Figures) -> (&str, u64, &str) {
    let failures: Vec<_> = figures.failures.iter().collect();
    let [(kind, failure)] = failures.as_slice() else { panic!("{failures:?}") };
    (kind, failure.count, &failure.example)
}

#[test]
fn every_request_is_counted_once_in_every_place() {
    let server = Server::always(ok("{}"));
    let scenario = scenario(&server.url(), "users = 4\nrequests = 200", &get("/{{ n }}"));
    let (mut seconds, mut completed) = (Vec::new(), Vec::new());
    let summary = run(&scenario, options(2), &Control::new(), |so_far| {
        seconds.push(so_far.second().clone());
        completed.push(so_far.summary().all.completed);
    })
    .unwrap();
    let Summary { all, tasks, timeline, window, generator, .. } = &summary;
    assert_eq!((all.completed, all.failed, window.unfinished), (200, 0, 0));
    assert_eq!((&tasks[0].figures, &summary.classes[0].figures), (all, all));
    assert_eq!((tasks[0].class.as_str(), tasks[0].method.as_str()), ("u", "GET"));
    assert_eq!(completed.last(), Some(&200), "whoever watches sees them all in the end");
    assert_eq!((all.e2e.count(), all.response_time.count(), all.ttfb.count()), (200, 200, 200));
    assert_eq!(all.bytes_received, 400);
    assert_eq!(timeline.iter().map(|second| second.completed).sum::<u64>(), 200);
    assert_eq!(timeline.iter().map(|second| second.started).sum::<u64>(), 200);
    assert_eq!(&seconds, timeline);
    assert_eq!(
        (window.ended, generator.workers, generator.shares_cores_with_target),
        (Some(EndReason::Requests), 2, true)
    );
    assert!(all.rps > 0.0 && window.measured_s <= window.run_s);
    assert!(generator.cpu_share.is_some_and(|share| share > 0.0));
    assert_eq!((summary.seed, summary.load.users, summary.load.requests), (1, Some(4), Some(200)));

    let seen = server.seen();
    let lines: BTreeSet<&str> = seen.iter().map(|seen| seen.line.as_str()).collect();
    assert_eq!((seen.len(), lines.len()), (200, 200), "no two requests have one number");
    assert!(seen[0].headers.iter().any(|header| header == "authorization: Bearer sk-secret"));
}

#[test]
fn a_summary_is_read_back_as_it_was_written() {
    let server = Server::always(ok(r#"{"choices":[{}],"usage":{"completion_tokens":5}}"#));
    let summary = summary(&server, "users = 2\nrequests = 20", CHAT);
    assert_eq!((summary.all.output_tokens, summary.all.token_source), (100, TokenSource::Usage));
    let text = serde_json::to_string(&summary).unwrap();
    let mut read: Summary = serde_json::from_str(&text).unwrap();
    assert_eq!(read.all.e2e.buckets().collect::<Vec<_>>(), summary.all.e2e.buckets().collect::<Vec<_>>());
    read.all.e2e.merge(&summary.all.e2e);
    assert_eq!(read.all.e2e.count(), 40);
}

#[test]
fn a_stream_is_timed_by_its_tokens_and_checked_against_the_server() {
    let usage = r#"{"choices":[],"usage":{"completion_tokens":3}}"#;
    let mut steps = stream(Duration::from_millis(10), &[CONTENT, CONTENT]);
    steps.push(Step::Write(
        [chunk(&format!("data: {CONTENT}\n\n")), chunk(&format!("data: {usage}\n\ndata: [DONE]\n\n"))]
            .concat(),
    ));
    steps.push(end("server-timing: planned_ttft;dur=10, delivered_ttft;dur=10.1, delivered_total;dur=20, queue;dur=0\r\n"));
    let server = Server::always(steps);
    let summary = summary(&server, "users = 2\nrequests = 6", CHAT_STREAM);
    let all = &summary.all;
    assert_eq!((all.completed, all.failed), (6, 0), "{:?}", all.failures);
    assert_eq!((all.ttft.count(), all.ttfo.count(), all.tpot.count(), all.itl.count()), (6, 6, 6, 12));
    assert_eq!((all.events, all.output_tokens), (18, 18));
    // The server paused between the events before it wrote them.
    assert!(all.ttft.min() >= Some(Duration::from_millis(9)), "{:?}", all.ttft.min());
    assert!(all.e2e.min() >= Some(Duration::from_millis(19)), "{:?}", all.e2e.min());
    let truth = all.ground_truth.as_ref().unwrap();
    assert_eq!((truth.samples, truth.ttft_error.count(), truth.e2e_error.count()), (6, 6, 6));
    assert_eq!((truth.queue.count(), truth.planned_total.count()), (6, 0));
    let body: serde_json::Value = serde_json::from_str(&server.seen()[0].body).unwrap();
    assert_eq!(body["stream_options"]["include_usage"], true);
    assert!(server.seen()[0].headers.contains(&"te: trailers".to_owned()));
}

#[test]
fn failures_keep_their_kind_and_no_secret() {
    let broken = |steps: Vec<Step>, task: &str| {
        let summary = summary(&Server::always(steps), "users = 1\nrequests = 2", task);
        assert_eq!((summary.all.completed, summary.all.failed), (0, 2));
        let (kind, count, example) = only_failure(&summary.all);
        assert_eq!(count, 2);
        format!("{kind}: {example}")
    };
    let status = broken(answer("401 Unauthorized", "application/json", "no such key: sk-secret"), CHAT);
    insta::assert_snapshot!(status, @"http_401: POST /v1/chat/completions: 401 Unauthorized: no such key: ***");
    insta::assert_snapshot!(broken(answer("200 OK", "text/html", "<html>"), CHAT), @r#"protocol: content-type is "text/html"; "application/json" is needed"#);
    insta::assert_snapshot!(broken(ok("{}"), &format!("{}\ncheck = {{ body_contains = \"x\" }}", get("/"))), @r#"check: the body does not contain "x""#);
    let chain = r#"request = { kind = "chain", chain = "c", body = { text = "t" } }"#;
    insta::assert_snapshot!(broken(ok(r#"{"status":"error","error":"step a failed"}"#), chain), @r#"check: the chain's status is "error": "step a failed""#);
    let mut error = stream(Duration::ZERO, &[CONTENT, r#"{"error":{"message":"overloaded"}}"#]);
    error.push(end(""));
    insta::assert_snapshot!(broken(error, CHAT_STREAM), @r#"stream_error: error event: {"message":"overloaded"}"#);
    let mut no_done = stream(Duration::ZERO, &[CONTENT]);
    no_done.push(end(""));
    insta::assert_snapshot!(broken(no_done, CHAT_STREAM), @"truncated: the stream ended without [DONE]");
    let mut cut = stream(Duration::ZERO, &[CONTENT]);
    cut.push(Step::Close);
    assert!(broken(cut, CHAT_STREAM).starts_with("truncated: "));
    let slow = "check = { over = \"1ms\" }";
    let late = [vec![Step::Pause(Duration::from_millis(5))], ok("{}")].concat();
    assert!(
        broken(late, &format!("{}\n{slow}", get("/")))
            .starts_with("check: e2e <= 1ms does not hold: it was ")
    );
}

#[test]
fn a_timeout_names_its_phase() {
    let server = Server::always(vec![Step::Pause(Duration::from_secs(5))]);
    let text = format!(
        "url = \"{}\"\n[timeouts]\nheaders = \"20ms\"\n[load]\nusers = 1\nrequests = 1\n[[user.u.task]]\n{}",
        server.url(),
        get("/")
    );
    let scenario = Scenario::parse("test", "test", &text, &|_| None).unwrap();
    let summary = run(&scenario, options(1), &Control::new(), |_| ()).unwrap();
    assert_eq!(only_failure(&summary.all).0, "timeout_headers");
}

#[test]
fn a_429_is_what_the_scenario_says() {
    let server = Server::always(answer("429 Too Many Requests", "application/json", "{}"));
    let expected = summary(&server, "users = 1\nrequests = 3", &format!("{CHAT}\nexpect_429 = true"));
    assert_eq!((expected.all.rate_limited, expected.all.failed), (3, 0));
    assert_eq!(expected.all.rate_limited_e2e.count(), 3);
    assert!(expected.all.e2e.is_empty());
    let unexpected = summary(&server, "users = 1\nrequests = 3", CHAT);
    assert_eq!(only_failure(&unexpected.all).0, "http_429");
}

#[test]
fn the_warm_up_is_in_the_timeline_and_not_in_the_figures() {
    let server = Server::always([vec![Step::Pause(Duration::from_millis(5))], ok("{}")].concat());
    let summary = summary(&server, "users = 2\nrun_time = \"1500ms\"\nwarm_up = \"1s\"", &get("/"));
    let total: u64 = summary.timeline.iter().map(|second| second.completed).sum();
    let in_phase = |phase| summary.timeline.iter().filter(move |second| second.phase == phase);
    let warm_up: u64 = in_phase(Phase::WarmUp).map(|second| second.completed).sum();
    assert!(summary.all.completed > 0 && warm_up > 0);
    assert!(total > summary.all.completed, "{total} with the warm-up, {} without", summary.all.completed);
    assert_eq!(summary.window.ended, Some(EndReason::RunTime));
    assert!(summary.window.measured_s <= 0.5 && summary.window.run_s >= 1.5, "{:?}", summary.window);
}

#[test]
fn a_stop_ends_the_run_with_what_was_measured() {
    let server = Server::always(ok("{}"));
    let scenario = scenario(&server.url(), "users = 2\nrun_time = \"10m\"", &get("/"));
    let stop = Control::new();
    let began = Instant::now();
    let summary = run(&scenario, options(1), &stop, |_| stop.stop()).unwrap();
    assert_eq!(summary.window.ended, Some(EndReason::Interrupted));
    assert!(summary.all.completed > 0);
    assert!(began.elapsed() < Duration::from_secs(60));
}

#[test]
fn what_does_not_end_in_its_grace_is_unfinished() {
    let server = Server::always(vec![Step::Pause(Duration::from_secs(30))]);
    let load = "users = 3\nrun_time = \"100ms\"\ngrace = \"50ms\"";
    let summary = summary(&server, load, &get("/"));
    assert_eq!((summary.all.completed, summary.all.failed, summary.window.unfinished), (0, 0, 3));
    assert_eq!(summary.window.ended, Some(EndReason::RunTime));
}

#[test]
fn thinking_users_leave_when_time_is_up() {
    let server = Server::always(ok("{}"));
    let text = format!(
        "url = \"{}\"\n[load]\nusers = 3\nrun_time = \"200ms\"\n[user.u]\nthink = \"1h\"\n[[user.u.task]]\n{}",
        server.url(),
        get("/")
    );
    let scenario = Scenario::parse("test", "test", &text, &|_| None).unwrap();
    let summary = run(&scenario, options(1), &Control::new(), |_| ()).unwrap();
    assert_eq!((summary.all.completed, summary.window.unfinished), (3, 0));
    assert_eq!(summary.load.think_mean_s, Some(3600.0));
}

#[test]
fn arrivals_come_at_their_rate_whatever_the_workers() {
    let server = Server::always(ok("{}"));
    let scenario = scenario(&server.url(), "rate = \"100/s\"\nrun_time = \"500ms\"", &get("/"));
    let summary = run(&scenario, options(2), &Control::new(), |_| ()).unwrap();
    let counts = summary.generator.arrivals.unwrap();
    assert_eq!((counts.planned, counts.started, counts.shed), (50, 50, 0));
    assert_eq!((summary.all.completed, summary.generator.lateness.count()), (50, 50));
    assert_eq!((summary.load.rate_per_s, summary.load.arrivals.as_deref()), (Some(100.0), Some("constant")));
}

#[test]
fn arrivals_beyond_the_limit_queue_and_are_shed_and_all_are_counted() {
    let server = Server::always([vec![Step::Pause(Duration::from_millis(100))], ok("{}")].concat());
    let load = "rate = \"200/s\"\nmax_in_flight = 2\nrun_time = \"500ms\"";
    let summary = summary(&server, load, &get("/"));
    let counts = summary.generator.arrivals.unwrap();
    assert_eq!(counts.planned, 100);
    assert_eq!(counts.planned, counts.started + counts.shed);
    assert_eq!(counts.started, summary.all.completed);
    assert!(counts.queued > 0 && counts.shed > 0 && counts.late > 0 && counts.queue_max == 2, "{counts:?}");
    // Those that queued waited for their turn: it is in the response time and not in the service time.
    assert!(summary.all.response_time.max() > summary.all.e2e.max());
}

#[test]
fn a_target_that_is_not_there_is_an_error() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let scenario = scenario(&format!("http://{nobody}"), "users = 1\nrequests = 1", &get("/"));
    let refused = run(&scenario, options(1), &Control::new(), |_| ()).unwrap_err();
    assert!(matches!(refused, RunError::Unreachable { .. }), "{refused}");
    let text =
        "[load]\nusers = 1\nrequests = 1\n[[user.u.task]]\nrequest = { kind = \"http\", path = \"/\" }";
    let nowhere = Scenario::parse("test", "test", text, &|_| None).unwrap();
    let refused = run(&nowhere, options(1), &Control::new(), |_| ()).unwrap_err();
    insta::assert_snapshot!(refused, @r#"the scenario `test` has no url; `url = "http://127.0.0.1:8000"` or --url is needed"#);
}

#[test]
fn a_connection_is_kept_and_replaced_when_it_is_gone() {
    let nth = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |_: &Seen| {
        let nth = nth.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if nth % 5 == 4 { [ok("{}"), vec![Step::Close]].concat() } else { ok("{}") }
    });
    let summary = summary(&server, "users = 1\nrequests = 20", &get("/"));
    assert_eq!((summary.all.completed, summary.all.failed), (20, 0), "{:?}", summary.all.failures);
}

#[test]
fn the_target_is_watched_while_it_is_loaded() {
    let server = Server::start(|seen| match seen {
        metrics if metrics.line.contains("/metrics") => ok("queue 7\nserved_total 5\n"),
        _ => ok("{}"),
    });
    let scenario = scenario(&server.url(), "users = 1\nrun_time = \"2500ms\"", &get("/"));
    let series = ["queue", "served_total", "missing"].map(|name| name.parse().unwrap()).into();
    let watch = Watch { pid: Some(std::process::id()), series };
    let options = RunOptions { watch, ..options(1) };
    let summary = run(&scenario, options, &Control::new(), |_| ()).unwrap();

    let names: Vec<_> = summary.watched.iter().map(|series| (series.name.as_str(), series.unit)).collect();
    let expected = [
        ("cpu", WatchedUnit::Cores),
        ("memory", WatchedUnit::Mib),
        ("queue", WatchedUnit::Value),
        ("served_total", WatchedUnit::PerSecond),
        ("missing", WatchedUnit::Value),
    ];
    assert_eq!(names, expected);
    let values = |place: usize| summary.watched[place].readings.iter().map(|reading| reading.value);
    assert!(values(1).len() >= 2 && values(1).all(|mib| mib > 1.0));
    assert!(values(2).len() >= 2 && values(2).all(|depth| depth == 7.0));
    assert!(values(3).len() >= 1 && values(3).all(|rise| rise == 0.0), "a rise, not the value");
    assert_eq!(values(4).len(), 0);
}

#[test]
fn what_cannot_be_watched_is_said_before_the_run() {
    let server = Server::always(answer("404 Not Found", "application/json", "{}"));
    let scenario = scenario(&server.url(), "users = 1\nrequests = 1", &get("/"));
    let refusal = |watch| {
        let refused =
            run(&scenario, RunOptions { watch, ..options(1) }, &Control::new(), |_| ()).unwrap_err();
        refused.to_string().replace(&server.url(), "URL")
    };
    let metrics = refusal(Watch { series: vec!["queue".parse().unwrap()], ..Watch::default() });
    insta::assert_snapshot!(metrics, @"cannot watch series of URL/metrics: it does not answer with metrics");
    let process = refusal(Watch { pid: Some(u32::MAX), ..Watch::default() });
    assert!(process.starts_with("cannot watch the process 4294967295: "), "{process}");
}

#[test]
fn requests_that_keep_their_limits_are_counted() {
    let server = Server::start(|seen| {
        let pause = if seen.line.contains("/slow") { 50 } else { 0 };
        [vec![Step::Pause(Duration::from_millis(pause))], ok("{}")].concat()
    });
    let text = format!(
        r#"url = "{}"
        goodput = ["e2e < 1h", "ttft < 1h"]
        load = {{ users = 1, requests = 40 }}
        thresholds = {{ slow = "goodput(e2e < 40ms) <= 0%", all = ["goodput(e2e < 40ms) > 0%", "errors <= 0%"] }}
        user.u.task = [
            {{ name = "fast", request = {{ kind = "http", path = "/fast" }} }},
            {{ name = "slow", request = {{ kind = "http", path = "/slow" }} }},
        ]"#,
        server.url()
    );
    let scenario = Scenario::parse("test", "test", &text, &|_| None).unwrap();
    let summary = run(&scenario, options(1), &Control::new(), |_| ()).unwrap();
    let good = |figures: &Figures| -> Vec<(String, u64)> {
        figures.goodput.iter().map(|goodput| (goodput.limits.clone(), goodput.good)).collect()
    };
    let (fast, slow) = (&summary.tasks[0].figures, &summary.tasks[1].figures);
    let of_all = good(&summary.all);
    assert_eq!(of_all[..2], [("e2e < 1h".to_owned(), 40), ("ttft < 1h".to_owned(), 0)]);
    assert_eq!((good(fast)[0].1, good(slow)[0].1), (fast.completed, slow.completed));
    assert_eq!((of_all[2].1, good(slow)[2].1), (good(fast)[2].1, 0), "{of_all:?}");
    assert_eq!(summary.classes[0].figures.goodput, summary.all.goodput);
    assert_eq!(summary.thresholds.len(), 3);
    assert_eq!(summary.thresholds.last().map(|result| result.scope.as_str()), Some("task slow"));
    assert_eq!(summary.thresholds.last().map(|result| result.outcome), Some(Outcome::Passed));
}

#[test]
fn a_threshold_ends_the_run_early() {
    let server = Server::always(answer("500 Internal Server Error", "text/plain", "no"));
    let text = format!(
        r#"url = "{}"
        load = {{ users = 2, run_time = "10m" }}
        thresholds = {{ all = ["rps > 1", {{ limit = "errors < 20%", abort = true, after = "1s" }}] }}
        user.u.think = "10ms"
        user.u.task = [{{ request = {{ kind = "http", path = "/" }} }}]"#,
        server.url()
    );
    let scenario = Scenario::parse("test", "test", &text, &|_| None).unwrap();
    let began = Instant::now();
    let summary = run(&scenario, options(2), &Control::new(), |_| ()).unwrap();
    assert!(began.elapsed() < Duration::from_secs(60));
    assert_eq!(summary.window.ended, Some(EndReason::Threshold));
    // On a busy machine the generator may have been late besides, which is graver.
    assert!(summary.verdict() >= RunVerdict::Failed);
    let [rps, errors] = summary.thresholds.as_slice() else { panic!("{:?}", summary.thresholds) };
    assert_eq!((rps.outcome, rps.ended_run_at_s), (Outcome::Failed, None));
    assert_eq!((errors.outcome, errors.value), (Outcome::Failed, Some(1.0)));
    assert!(errors.ended_run_at_s.is_some_and(|at_s| at_s >= 1.0), "{errors:?}");
}
