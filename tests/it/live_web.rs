//! The page of `weir load --web`: its API and its access control.

use std::{net::TcpListener, path::Path, time::Duration};

use http::{HeaderName, HeaderValue, Method};
use insta::assert_snapshot;
use rustix::process::Signal;
use serde_json::{Value, json};
use weir_wire::{Request, sse};

use crate::{
    cli::{CommandOutput, weir},
    support::{Api, Reply, Running, get, post, shared},
};

const TOKEN: &str = "s3cret-T0ken";

/// Longer than any wait in these tests.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A running `weir load --web`.
struct Session {
    running: Running,
    api: Api,
}

impl Session {
    /// Streams against the shared server, with a page at `address` and these flags.
    fn start(folder: &Path, address: &str, flags: &[&str]) -> Self {
        let url = format!("http://{}", shared().address);
        let arguments = ["load", "chat-streaming", "--url", &url, "--out", "out", "--web", address];
        let mut running = Running::start(&[&arguments, flags].concat(), folder);
        let address = running.printed_after("page: http://");
        let port = address.trim_end_matches('/').rsplit_once(':').unwrap().1.to_owned();
        Self { running, api: Api::new(format!("127.0.0.1:{port}").parse().unwrap()) }
    }

    fn local(folder: &Path, flags: &[&str]) -> Self {
        Self::start(folder, "127.0.0.1:0", flags)
    }

    async fn state(&self) -> Value {
        self.api.get("/api/state").await.json()
    }

    async fn until(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let start = self.api.clock.now();
        loop {
            let state = self.state().await;
            if is(&state) {
                return state;
            }
            assert!(self.api.clock.now() - start < TIMEOUT, "not {what}: {state:#}");
            self.api.clock.sleep(Duration::from_millis(100)).await;
        }
    }

    /// Opens streams of events that nobody reads.
    fn open_unread_streams(&self, count: usize) -> Vec<std::net::TcpStream> {
        let open = |_| {
            let mut stream = std::net::TcpStream::connect(self.api.address).unwrap();
            let head = format!("GET /api/events HTTP/1.1\r\nHost: {}\r\n\r\n", self.api.address);
            std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
            stream
        };
        (0..count).map(open).collect()
    }

    async fn until_phase(&self, phase: &str) -> Value {
        self.until(phase, |state| state["phase"] == phase).await
    }

    async fn command(&self, path: &str, body: &Value) -> u16 {
        self.api.post(path, body).await.status
    }

    /// Ends the idle program.
    fn quit(self) -> CommandOutput {
        self.running.signal(Signal::INT);
        self.running.ended()
    }
}

fn with(request: Request, name: &'static str, value: &str) -> Request {
    request.with_header(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
}

#[tokio::test]
async fn web_run_is_started_changed_stopped_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::local(folder.path(), &[]);
    let state = session.state().await;
    assert_eq!(state["phase"], "ready");
    assert_eq!((&state["scenario"]["users"], &state["scenario"]["run_time"]), (&json!(50), &json!("30s")));
    assert_eq!(session.command("/api/stop", &json!({})).await, 409, "no run is in progress");

    let settings = json!({"users": 3, "spawn_rate": "100", "run_time": "60s"});
    assert_eq!(session.command("/api/start", &settings).await, 204);
    assert_eq!(session.command("/api/start", &settings).await, 409, "one at a time");
    let measured = |state: &Value| state["view"]["all"]["completed"].as_u64() > Some(0);
    let state = session.until("measured", measured).await;
    assert_eq!((&state["phase"], &state["users_wanted"]), (&json!("running"), &json!(3)));
    assert!(state["view"]["now"]["tokens_per_s"].as_f64() > Some(0.0), "{state:#}");

    assert_eq!(session.command("/api/users", &json!({"users": 8})).await, 204);
    session.until("at eight users", |state| state["view"]["now"]["users"] == 8).await;
    assert_eq!(session.command("/api/stop", &json!({})).await, 204);
    let state = session.until_phase("ended").await;
    let files: Vec<&str> = state["files"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(files.contains(&"report.html") && files.contains(&"summary.json"), "{files:?}");
    for file in files {
        assert_eq!(session.api.get(&format!("/report/{file}")).await.status, 200, "{file}");
    }
    let summary = session.api.get("/report/summary.json").await.json();
    let load = &summary["sections"][0]["measured"]["load"];
    assert!(load["all"]["completed"].as_u64() > Some(0), "{load}");
    for name in ["nothing.json", "..%2Fout%2Fsummary.json", "%2Fetc%2Fpasswd", "."] {
        assert_eq!(session.api.get(&format!("/report/{name}")).await.status, 404, "{name}");
    }

    assert_eq!(session.command("/api/start", &settings).await, 204);
    session.until("the second run", |state| state["runs"] == 2 && state["phase"] == "running").await;
    session.running.signal(Signal::INT);
    let output = session.running.ended();
    assert_eq!(output.code, Some(130), "{}", output.stderr);
    assert!(folder.path().join("out/summary.json").is_file());
    assert!(folder.path().join("out-2/summary.json").is_file());
}

#[tokio::test]
async fn web_events_are_sent_every_second() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::local(folder.path(), &["--users", "2", "--autostart"]);
    let mut connection = session.api.connection();
    let mut response = connection.send(&get("/api/events")).await.unwrap();
    let mut decoder = sse::Decoder::new();
    let mut elapsed = Vec::new();
    while elapsed.len() < 3 {
        decoder.feed(&response.chunk().await.unwrap().unwrap().bytes);
        while let Some(event) = decoder.next_event() {
            let state: Value = serde_json::from_slice(event.unwrap().data).unwrap();
            elapsed.extend(state["view"]["elapsed_s"].as_u64());
        }
    }
    assert!(elapsed.is_sorted() && elapsed.last() > elapsed.first(), "{elapsed:?}");
    drop(connection);
    session.running.signal(Signal::INT);
    assert_eq!(session.running.ended().code, Some(130));
}

#[tokio::test]
async fn web_autostart_and_autoquit_run_without_interaction() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--autostart", "--autoquit", "0.1s", "--users", "1", "--run-time", "4s"];
    let session = Session::local(folder.path(), &flags);
    let output = session.running.ended();
    // On a busy machine, the generator may report that it was the bottleneck.
    assert!(matches!(output.code, Some(0 | 3)), "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.contains("weir load chat-streaming"), "{}", output.stdout);
}

#[tokio::test]
async fn web_unreachable_target_is_reported_and_can_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::local(folder.path(), &[]);
    // A port that was free just before.
    let nowhere = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(session.command("/api/start", &json!({"url": format!("http://{nowhere}")})).await, 204);
    let state = session.until_phase("ended").await;
    assert!(state["problem"].as_str().unwrap().contains(&nowhere.to_string()), "{state}");
    assert_eq!(state["files"], json!([]));
    let url = format!("http://{}", shared().address);
    assert_eq!(session.command("/api/start", &json!({"url": url, "users": 1})).await, 204);
    session.until("running", |state| state["phase"] == "running" && state["problem"].is_null()).await;
    assert_eq!(session.command("/api/stop", &json!({})).await, 204);
    session.until_phase("ended").await;
    assert_eq!(session.quit().code, Some(130));
}

#[tokio::test]
async fn web_invalid_requests_return_errors() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::local(folder.path(), &[]);
    let response_to = async |path: &str, body: Value| session.api.post(path, &body).await.status_and_body();
    assert_snapshot!(response_to("/api/start", json!({"users": 0})).await, @r#"422 {"error":"users: 0 is out of range; expected a number of 1 or more"}"#);
    assert_snapshot!(response_to("/api/start", json!({"run_time": "soon"})).await, @r#"422 {"error":"run_time: \"soon\" is not a valid duration; write a number with a unit, such as \"250ms\" or \"1m30s\""}"#);
    assert_snapshot!(response_to("/api/start", json!({"spawn_rate": "fast"})).await, @r#"422 {"error":"spawn_rate: \"fast\": \"fast\" is not a valid amount; write a number, such as \"10/s\" or \"200k/min\""}"#);
    assert_snapshot!(response_to("/api/start", json!({"url": "ftp://x"})).await, @r#"422 {"error":"url: `ftp://x` must begin with http:// or https://"}"#);
    assert_snapshot!(response_to("/api/start", json!({"user": 5})).await, @r#"422 {"error":"the body: unknown field `user`, expected one of `users`, `spawn_rate`, `rate`, `run_time`, `url` at line 1 column 7"}"#);
    assert_snapshot!(response_to("/api/users", json!({"users": 5})).await, @r#"409 {"error":"no run is in progress"}"#);
    assert_snapshot!(response_to("/nowhere", json!({})).await, @r#"405 {"error":"POST is not known here"}"#);
    assert_snapshot!(session.api.get("/nowhere").await.status_and_body(), @r#"404 {"error":"there is no /nowhere"}"#);
    let state = session.state().await;
    assert_eq!((&state["phase"], &state["runs"]), (&json!("ready"), &json!(0)));
    let large = json!({"url": "x".repeat(20 << 10)});
    assert_eq!(session.command("/api/start", &large).await, 413);
    assert_eq!(session.quit().code, Some(0), "nothing has run");
}

#[tokio::test]
async fn web_cross_site_requests_and_other_hosts_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::local(folder.path(), &[]);
    let send = async |request: Request| session.api.send(&request).await;
    let reply = send(with(get("/api/state"), "host", "evil.example")).await;
    assert_snapshot!(reply.status_and_body(), @r#"421 {"error":"Host not allowed; use http://127.0.0.1 or http://localhost"}"#);
    let order = || post("/api/start", &json!({}));
    assert_snapshot!(send(with(order(), "origin", "http://evil.example")).await.status_and_body(), @r#"403 {"error":"Origin not allowed; only the page itself may send commands"}"#);
    let form = Request::new(Method::POST, "/api/start".parse().unwrap()).with_body("{}");
    assert_snapshot!(send(with(form, "content-type", "text/plain")).await.status_and_body(), @r#"415 {"error":"the body must be JSON: content-type application/json"}"#);
    assert_eq!(session.state().await["runs"], 0);

    let page = send(get("/")).await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("http"), "{policy}");
    for file in ["/page.css", "/live.css", "/chart.js", "/tables.js", "/live.js"] {
        let reply = send(get(file)).await;
        assert_eq!((reply.status, reply.header("x-content-type-options")), (200, Some("nosniff")), "{file}");
    }
    session.quit();
}

#[tokio::test]
async fn web_token_is_required_and_never_disclosed() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::start(folder.path(), "0.0.0.0:0", &["--web-token", TOKEN]);
    let send = async |request: Request| -> Reply { session.api.send(&request).await };
    assert_snapshot!(send(get("/api/state")).await.status_and_body(), @r#"401 {"error":"a token is required: open /?token=TOKEN, or send it as Authorization: Bearer TOKEN"}"#);
    assert_eq!(send(get("/")).await.status, 401);
    assert_eq!(send(post("/api/start", &json!({}))).await.status, 401);
    let opened = send(get(&format!("/?token={TOKEN}"))).await;
    assert_eq!((opened.status, opened.header("location")), (303, Some("/")));
    let (cookie, _) = opened.header("set-cookie").unwrap().split_once(';').unwrap();
    assert_eq!(send(with(get("/api/state"), "cookie", cookie)).await.status, 200);
    assert_eq!(send(with(get("/api/state"), "authorization", &format!("Bearer {TOKEN}"))).await.status, 200);
    let output = session.quit();
    assert!(!output.stderr.contains(TOKEN) && !output.stdout.contains(TOKEN), "{}", output.stderr);
}

#[test]
fn web_public_address_requires_token() {
    let folder = tempfile::tempdir().unwrap();
    let output = |flags: &[&str], variables| {
        let arguments = [&["load", "chat-streaming", "--web"], flags].concat();
        let output = weir(&arguments, folder.path(), variables);
        assert_eq!(output.code, Some(2), "{}", output.stderr);
        output.stderr
    };
    assert_snapshot!(output(&["0.0.0.0:8089"], &[]), @"error: --web 0.0.0.0:8089: others can reach this address, and could start loads from here; give --web-token TOKEN, or a loopback address such as 127.0.0.1:8089");
    assert_snapshot!(output(&["0.0.0.0:8089"], &[("WEIR_WEB_TOKEN", "s;hort")]), @"error: --web-token: a token has 8 to 256 letters, digits or characters of - . _ ~");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let message = output(&[&address], &[]);
    let (message, _) = message.split_once(" (os error").unwrap();
    assert_snapshot!(message.replace(&address, "ADDRESS"), @"error: --web: cannot listen on ADDRESS: Address already in use");
}

#[tokio::test]
async fn streams_that_nobody_reads_leave_room_for_commands() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::local(folder.path(), &["--users", "1", "--run-time", "60s", "--autostart"]);
    session.until_phase("running").await;
    let unread = session.open_unread_streams(200);
    assert_eq!(session.command("/api/stop", &json!({})).await, 204);
    session.until_phase("ended").await;
    drop(unread);
    session.running.signal(Signal::TERM);
}
