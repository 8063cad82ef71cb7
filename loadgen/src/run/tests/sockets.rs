//! Runs over real sockets: connections, bytes, failures of the network, and the watched target.

use super::server::{Seen, Server, Step, answer, chunk, end, ok, stream};
use super::*;
use crate::run::{RunError, run};
use weir_results::{TokenSource, WatchedUnit};

const CHAT: &str = r#"request = { kind = "openai.chat", model = "m", prompt = "p" }"#;
const CHAT_STREAM: &str = r#"request = { kind = "openai.chat", model = "m", prompt = "p", stream = true }"#;

fn with_task(url: &str, load: &str, task: &str) -> Scenario {
    scenario(url, load, &format!("[[user.u.task]]\nname = \"t\"\n{task}"))
}

fn summary(server: &Server, load: &str, task: &str) -> Summary {
    run(&with_task(&server.url(), load, task), options(1), &Control::new(), |_| ()).unwrap()
}

fn get(path: &str) -> String {
    format!("request = {{ kind = \"http\", path = \"{path}\" }}")
}

#[test]
fn run_counts_every_request_once_everywhere() {
    let server = Server::always(ok("{}"));
    let scenario = with_task(&server.url(), "users = 4\nrequests = 200", &get("/{{ n }}"));
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
fn summary_read_back_equals_written_one() {
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
fn stream_is_timed_by_tokens_and_compared_with_server_timing() {
    let usage = r#"{"choices":[],"usage":{"completion_tokens":3}}"#;
    let mut steps = stream(Duration::from_millis(10), &[CONTENT, CONTENT]);
    steps.push(Step::Write(
        [chunk(&format!("data: {LAST}\n\n")), chunk(&format!("data: {usage}\n\ndata: [DONE]\n\n"))].concat(),
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
fn failures_have_a_kind_and_no_secret() {
    let broken = |steps: Vec<Step>, task: &str| {
        let summary = summary(&Server::always(steps), "users = 1\nrequests = 2", task);
        assert_eq!((summary.all.completed, summary.all.failed), (0, 2));
        let (kind, count, example) = only_failure(&summary.all);
        assert_eq!(count, 2);
        format!("{kind}: {example}")
    };
    let status = broken(answer("401 Unauthorized", "application/json", "no such key: sk-secret"), CHAT);
    insta::assert_snapshot!(status, @"http_401: POST /v1/chat/completions: 401 Unauthorized: no such key: ***");
    insta::assert_snapshot!(broken(answer("200 OK", "text/html", "<html>"), CHAT), @r#"protocol: content-type is "text/html": expected "application/json"; it begins with: <html>"#);
    insta::assert_snapshot!(broken(ok("{}"), &format!("{}\ncheck = {{ body_contains = \"x\" }}", get("/"))), @r#"check: the body does not contain "x""#);
    let chain = r#"request = { kind = "chain", chain = "c", body = { text = "t" } }"#;
    insta::assert_snapshot!(broken(ok(r#"{"status":"error","error":"step a failed"}"#), chain), @r#"check: the chain's status is "error": "step a failed""#);
    let mut error = stream(Duration::ZERO, &[CONTENT, r#"{"error":{"message":"overloaded"}}"#]);
    error.push(end(""));
    insta::assert_snapshot!(broken(error, CHAT_STREAM), @"stream_error: the server reports an error: overloaded");
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
fn timeout_is_a_failure_of_its_phase() {
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
fn run_without_reachable_target_is_an_error() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let scenario = with_task(&format!("http://{nobody}"), "users = 1\nrequests = 1", &get("/"));
    let refused = run(&scenario, options(1), &Control::new(), |_| ()).unwrap_err();
    assert!(matches!(refused, RunError::Unreachable { .. }), "{refused}");
    let text =
        "[load]\nusers = 1\nrequests = 1\n[[user.u.task]]\nrequest = { kind = \"http\", path = \"/\" }";
    let nowhere = Scenario::parse("test", "test", text, &|_| None).unwrap();
    let refused = run(&nowhere, options(1), &Control::new(), |_| ()).unwrap_err();
    insta::assert_snapshot!(refused, @r#"the scenario `test` has no url: expected `url = "http://127.0.0.1:8000"` or --url"#);
}

#[test]
fn connection_closed_by_target_is_replaced() {
    let nth = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |_: &Seen| {
        let nth = nth.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if nth % 5 == 4 { [ok("{}"), vec![Step::Close]].concat() } else { ok("{}") }
    });
    let summary = summary(&server, "users = 1\nrequests = 20", &get("/"));
    assert_eq!((summary.all.completed, summary.all.failed), (20, 0), "{:?}", summary.all.failures);
}

#[test]
fn watched_target_has_readings() {
    let server = Server::start(|seen| match seen {
        metrics if metrics.line.contains("/metrics") => ok("queue 7\nserved_total 5\n"),
        _ => ok("{}"),
    });
    let scenario = with_task(&server.url(), "users = 1\nrun_time = \"2500ms\"", &get("/"));
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
fn unwatchable_target_is_an_error_before_the_run() {
    let server = Server::always(answer("404 Not Found", "application/json", "{}"));
    let scenario = with_task(&server.url(), "users = 1\nrequests = 1", &get("/"));
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
