//! Rules in the settings.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpStream;

use super::{stream, with};
use crate::{
    cli::weir,
    support::{Setup, Weir, chat, post},
};

#[tokio::test]
async fn first_requests_of_each_session_fail() {
    let rule = "[[fault]]\ndo = { status = 503, retry_after = '1ms' }\nfirst = 2\nper = 'header:x-session'";
    let weir = Weir::start(Setup::new().config(rule));
    for session in ["a", "b"] {
        let mut statuses = Vec::new();
        for _ in 0..4 {
            let request = with(chat("instant", &json!({"max_tokens": 1})), "x-session", session);
            statuses.push(weir.api.send(&request).await.status);
        }
        assert_eq!(statuses, [503, 503, 200, 200], "{session}");
    }
    // An endpoint that needs no key meets no fault unless it is named.
    assert_eq!(weir.api.get("/v1/models").await.status, 200);
    let metrics = weir.api.get("/metrics").await;
    assert!(metrics.text().contains(r#"faults_total{fault="status"} 4"#), "{}", metrics.text());
}

#[tokio::test]
async fn rules_match_model_key_and_endpoint() {
    let rules = "
        [[key]]
        name = 'team'
        secret = 'sk-team'
        [[fault]]
        do = 'status=429'
        model = 'gpt-*'
        key = 'team'
        [[fault]]
        do = 'status=500'
        endpoint = '/v1/embeddings'
        [[fault]]
        do = 'status=502'
        endpoint = 'GET /health'";
    let weir = Weir::start(Setup::new().time_scale("0").config(rules));
    let status = async |request| weir.api.send(&request).await.status;
    let chat = |model: &str| chat(model, &json!({"max_tokens": 1}));
    assert_eq!(status(with(chat("gpt-4o"), "authorization", "Bearer sk-team")).await, 429);
    assert_eq!(status(with(chat("fast"), "authorization", "Bearer sk-team")).await, 200);
    assert_eq!(status(chat("gpt-4o")).await, 200);
    assert_eq!(status(post("/openai/v1/embeddings", &json!({"model": "m", "input": "a"}))).await, 500);
    assert_eq!(status(crate::support::get("/health")).await, 502);
    // A header of the request comes before all rules.
    let spared = with(with(chat("gpt-4o"), "authorization", "Bearer sk-team"), "x-weir-fault", "none");
    assert_eq!(status(spared).await, 200);
}

#[tokio::test]
async fn outage_begins_and_ends_by_the_timetable() {
    let rule = "[[fault]]\ndo = 'status'\nat = '400ms'\nfor = '600ms'";
    let weir = Weir::start(Setup::new().config(rule));
    let request = chat("instant", &json!({"max_tokens": 1}));
    let begun = Instant::now();
    let mut changes = Vec::new();
    while begun.elapsed() < Duration::from_secs(8) && changes.len() < 3 {
        let status = weir.api.send(&request).await.status;
        if changes.last() != Some(&status) {
            changes.push(status);
        }
        weir.api.clock.sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(changes, [200, 503, 200]);
}

#[tokio::test]
async fn connections_are_refused_in_a_window_only() {
    let rule = "[[fault]]\ndo = 'refuse'\nat = '500ms'\nfor = '500ms'";
    let weir = Weir::start(Setup::new().config(rule));
    // An open connection continues.
    let mut open = weir.api.connection();
    let request = chat("instant", &json!({"max_tokens": 1}));
    let mut sent = async || {
        let reply = crate::support::Reply::read(open.send(&request).await.unwrap()).await;
        assert_eq!(reply.status, 200);
    };
    sent().await;
    let begun = Instant::now();
    let mut changes: Vec<Result<(), std::io::ErrorKind>> = Vec::new();
    while begun.elapsed() < Duration::from_secs(8) && changes.len() < 3 {
        let connected = TcpStream::connect(weir.api.address).await.map(drop).map_err(|error| error.kind());
        if changes.last() != Some(&connected) {
            changes.push(connected);
            sent().await;
        }
        weir.api.clock.sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(changes, [Ok(()), Err(std::io::ErrorKind::ConnectionRefused), Ok(())]);
    let metrics = weir.api.get("/metrics").await;
    assert!(metrics.text().contains(r#"faults_total{fault="refuse"} 1"#), "{}", metrics.text());
}

#[tokio::test]
async fn repeated_run_meets_the_same_faults_at_any_concurrency() {
    let rule = "[[fault]]\ndo = 'status'\nshare = 0.4";
    let mut runs = Vec::new();
    for at_once in [1, 8] {
        let weir = Weir::start(Setup::new().config(rule));
        let mut failed = Vec::new();
        let requests: Vec<u32> = (0..64).map(|index| index % 16).collect();
        for chunk in requests.chunks(at_once) {
            let tasks = chunk.iter().map(|number| {
                let (api, number) = (weir.api.clone(), *number);
                tokio::spawn(async move {
                    let request = chat("instant", &json!({"max_tokens": 1, "seed": number}));
                    (number, api.send(&request).await.status)
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                let (number, status) = task.await.unwrap();
                failed.extend((status == 503).then_some(number));
            }
        }
        failed.sort_unstable();
        runs.push(failed);
    }
    assert!(!runs[0].is_empty() && runs[0].len() < 64);
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn share_rises_with_requests_in_flight() {
    let rule = "[[fault]]\ndo = 'status=529'\nin_flight = { from = 2, to = 3 }";
    let weir = Weir::start(Setup::new().config(rule));
    let quick = chat("instant", &json!({"max_tokens": 1}));
    let mut held = Vec::new();
    for in_flight in 0..5 {
        assert_eq!(weir.api.health("requests_in_flight").await, in_flight);
        let expected = if in_flight >= 3 { 529 } else { 200 };
        assert_eq!(weir.api.send(&quick).await.status, expected, "{in_flight} in flight");
        let api = weir.api.clone();
        let slow = with(with(stream(), "x-weir-fault", "none"), "x-weir-ttft", "1h");
        held.push(tokio::spawn(async move { api.send(&slow).await.status }));
        weir.api.until_health("requests_in_flight", in_flight + 1).await;
    }
    held.iter().for_each(tokio::task::JoinHandle::abort);
    weir.api.until_health("requests_in_flight", 0).await;
    assert_eq!(weir.api.send(&quick).await.status, 200);
}

#[tokio::test]
async fn log_names_the_fault() {
    let mut weir = Weir::start(Setup::new().flag("--log", "requests"));
    weir.api.send(&with(stream(), "x-weir-fault", "duplicate")).await;
    weir.api.send(&with(stream(), "x-weir-fault", "status=500")).await;
    weir.api.send(&with(stream(), "x-weir-fault", "truncate; after=99")).await;
    weir.api.until_health("requests_in_flight", 0).await;
    weir.program.close_stdin();
    let written = weir.program.stderr();
    let lines: Vec<&str> = written.lines().filter(|line| line.contains("/chat/")).collect();
    assert!(lines[0].contains(" 200 ") && lines[0].contains(" fault=duplicate "), "{written}");
    assert!(lines[1].contains(" 500 ") && lines[1].contains(" fault=status "), "{written}");
    // The answer was shorter.
    assert!(!lines[2].contains("fault="), "{written}");
}

/// What `weir serve` prints for these settings.
fn rejected(settings: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("weir.toml"), settings).unwrap();
    let output = weir(&["serve", "--port", "0", "--config", "weir.toml"], folder.path(), &[]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{settings}: {}", output.stderr);
    let first = output.stderr.lines().next().unwrap().to_owned();
    let help = output.stderr.lines().find_map(|line| line.trim().strip_prefix("= help: "));
    help.map_or(first.clone(), |help| format!("{first} ({help})"))
}

/// Rules that are not valid, each with the first line of its error and the help.
const INVALID: [(&str, &str); 44] = [
    ("[[fault]]", "weir.toml:1: fault[0].do: this key is required"),
    (
        "[[fault]]\ndo = 5",
        r#"weir.toml:2: fault[0].do: expected a fault, such as "stall; after=5" or { stall = "2s", after = 5 }, found 5"#,
    ),
    ("[[fault]]\ndo = 'stal'", "weir.toml:2: fault[0].do: unknown fault `stal` (did you mean `stall`?)"),
    (
        "[[fault]]\ndo = 'stall; aftr=3'",
        "weir.toml:2: fault[0].do: aftr: unknown parameter of the fault `stall` (did you mean `after`?)",
    ),
    (
        "[[fault]]\ndo = { stall = '2s', after = 'x' }",
        r#"weir.toml:2: fault[0].do.after: expected a number of events from 0 to 1000000, or a share such as 50%, found "x""#,
    ),
    (
        "[[fault]]\ndo = { stall = '2s', reset = true }",
        "weir.toml:2: fault[0].do: expected one fault, found `reset` and `stall`",
    ),
    (
        "[[fault]]\ndo = { stal = '2s', after = 3 }",
        "weir.toml:2: fault[0].do: unknown fault `stal` (did you mean `stall`?)",
    ),
    (
        "[[fault]]\ndo = { status = 200 }",
        r#"weir.toml:2: fault[0].do.status: expected a whole number from 400 to 599, found "200""#,
    ),
    (
        "[[fault]]\ndo = 'status=503; retry_after=2'",
        r#"weir.toml:2: fault[0].do: retry_after: 2 has no unit; write "2s" or "2ms" if that is what is meant"#,
    ),
    (
        "[[fault]]\ndo = 'delay=0s'",
        "weir.toml:2: fault[0].do: delay: expected a duration above zero, found 0s",
    ),
    (
        "[[fault]]\ndo = 'no_answer; after=3'",
        "weir.toml:2: fault[0].do: after: the fault `no_answer` has no parameters",
    ),
    (
        "[[fault]]\ndo = 'status'\nshare = 1.5",
        "weir.toml:3: fault[0].share: expected a share above 0 and at most 1, found 1.5",
    ),
    (
        "[[fault]]\ndo = 'status'\nshare = 0",
        "weir.toml:3: fault[0].share: expected a share above 0 and at most 1, found 0",
    ),
    (
        "[[fault]]\ndo = 'status'\nshare = nan",
        "weir.toml:3: fault[0].share: expected a share above 0 and at most 1, found NaN",
    ),
    (
        "[[fault]]\ndo = 'status'\nshare = '5%'",
        r#"weir.toml:3: fault[0].share: expected a number, found the text "5%""#,
    ),
    (
        "[[fault]]\ndo = 'status'\nshaer = 0.5",
        "weir.toml:3: fault[0].shaer: unknown key (did you mean `share`?)",
    ),
    (
        "[[fault]]\ndo = 'status'\nmodel = 'gtp-4o-mini'",
        "weir.toml:3: fault[0].model: no model has a name like `gtp-4o-mini` (did you mean `gpt-4o-mini`?)",
    ),
    (
        "[[fault]]\ndo = 'status'\nmodel = ''",
        "weir.toml:3: fault[0].model: expected a name, found an empty text",
    ),
    (
        "[[key]]\nname = 'team-a'\nsecret = 's'\n[[fault]]\ndo = 'status'\nkey = 'team-b'",
        "weir.toml:6: fault[0].key: no key has the name `team-b` (did you mean `team-a`?)",
    ),
    ("[[fault]]\ndo = 'status'\nkey = 'team-b'", "weir.toml:3: fault[0].key: no key has the name `team-b`"),
    (
        "[[fault]]\ndo = 'status'\nendpoint = '/v1/chat/completion'",
        "weir.toml:3: fault[0].endpoint: no endpoint has a path like `/v1/chat/completion` (did you mean `/v1/chat/completions`?); /docs lists all",
    ),
    (
        "[[fault]]\ndo = 'status'\nendpoint = 'DELETE /v1/embeddings'",
        "weir.toml:3: fault[0].endpoint: no endpoint with a path like `/v1/embeddings` has the method DELETE",
    ),
    (
        "[[fault]]\ndo = 'status'\nendpoint = 'v1/embeddings'",
        r#"weir.toml:3: fault[0].endpoint: expected a path such as "/v1/chat/completions" or "POST /v1/*", found "v1/embeddings""#,
    ),
    (
        "[[fault]]\ndo = 'stall'\nendpoint = '/v1/embeddings'",
        "weir.toml:3: fault[0].endpoint: the fault `stall` needs a stream, and `/v1/embeddings` never streams",
    ),
    (
        "[[fault]]\ndo = 'reset; after=2'\nendpoint = '/health'",
        "weir.toml:3: fault[0].endpoint: the fault `reset` needs a stream, and `/health` never streams",
    ),
    (
        "[[fault]]\ndo = 'status'\nheader = 'x test'",
        r#"weir.toml:3: fault[0].header: expected a header such as "x-test" or "x-test: slow*", found "x test""#,
    ),
    (
        "[[fault]]\ndo = 'status'\nfor = '0s'",
        "weir.toml:3: fault[0].for: expected a duration above zero, found 0",
    ),
    (
        "[[fault]]\ndo = 'status'\nat = '30'",
        r#"weir.toml:3: fault[0].at: 30 has no unit; write "30s" or "30ms" if that is what is meant"#,
    ),
    (
        "[[fault]]\ndo = 'status'\nat = '30s'\nuntil = '20s'",
        "weir.toml:4: fault[0].until: expected a time after `at` (30s), found 20s",
    ),
    (
        "[[fault]]\ndo = 'status'\nfor = '3s'\nuntil = '20s'",
        "weir.toml:4: fault[0].until: conflicts with `for`",
    ),
    (
        "[[fault]]\ndo = 'status'\nfor = '30s'\nevery = '20s'",
        "weir.toml:4: fault[0].every: expected more than the length of the window (30s), found 20s",
    ),
    (
        "[[fault]]\ndo = 'status'\nevery = '20s'",
        "weir.toml:3: fault[0].every: the window has no end: expected `for` or `until` as well",
    ),
    (
        "[[fault]]\ndo = 'status'\nfirst = 0",
        "weir.toml:3: fault[0].first: expected a whole number of at least 1, found 0",
    ),
    (
        "[[fault]]\ndo = 'status'\nfirst = 2\nevery_nth = 3",
        "weir.toml:4: fault[0].every_nth: conflicts with `first`",
    ),
    (
        "[[fault]]\ndo = 'status'\nfirst = 2\nper = 'session'",
        r#"weir.toml:4: fault[0].per: expected key, model, body or header:NAME, found "session""#,
    ),
    (
        "[[fault]]\ndo = 'status'\nper = 'key'",
        "weir.toml:3: fault[0].per: has no effect without `first` or `every_nth`",
    ),
    (
        "[[fault]]\ndo = 'status'\nin_flight = { from = 5, to = 5 }",
        "weir.toml:3: fault[0].in_flight: expected `from` below `to`, found 5 and 5",
    ),
    (
        "[[fault]]\ndo = 'status'\nin_flight = { from = 5, to = 9 }\nwaiting = { from = 5, to = 9 }",
        "weir.toml:4: fault[0].waiting: conflicts with `in_flight`",
    ),
    (
        "[[fault]]\ndo = 'refuse'",
        "weir.toml:2: fault[0].do: the fault `refuse` has no end: expected `for` or `until`",
    ),
    (
        "[[fault]]\ndo = 'refuse'\nat = '3s'",
        "weir.toml:2: fault[0].do: the fault `refuse` has no end: expected `for` or `until`",
    ),
    (
        "[[fault]]\ndo = 'refuse'\nfor = '3s'\nshare = 0.5",
        "weir.toml:4: fault[0].share: conflicts with the fault `refuse`, which depends on time only: expected `at`, `for`, `until` and `every`",
    ),
    (
        "[[fault]]\ndo = 'status'\n[[fault]]\ndo = 'delay'\nshare = 0.1",
        "weir.toml:4: fault[1].do: no request can meet this fault: the rule fault[0] before it has no condition",
    ),
    ("[fault]\ndo = 'status'", "weir.toml:1: fault: expected a list, found a table"),
    (
        "[server]\noverrides = 'local'",
        "weir.toml:2: server.overrides: unknown value `local` (expected one of `loopback`, `anyone`, `nobody`)",
    ),
];

#[test]
fn invalid_rule_is_one_error_with_its_place() {
    for (settings, expected) in INVALID {
        assert_eq!(rejected(settings), format!("error: {expected}"), "{settings}");
    }
}

#[test]
fn faults_are_listed_and_explained() {
    let faults = |arguments: &[&str]| {
        let all: Vec<&str> = ["faults"].iter().chain(arguments).copied().collect();
        weir(&all, std::path::Path::new("."), &[])
    };
    let list = faults(&[]);
    let stall = faults(&["stall"]);
    let json: serde_json::Value = serde_json::from_str(&faults(&["--format", "json"]).stdout).unwrap();
    assert_eq!((list.code, stall.code), (Some(0), Some(0)));
    for info in json.as_array().unwrap() {
        let name = info["name"].as_str().unwrap();
        assert!(list.stdout.contains(name), "{name}");
        assert!(info["settings"].as_str().unwrap().starts_with("[[fault]]\n"), "{info}");
    }
    assert!(stall.stdout.contains("x-weir-fault: stall; after=5; for=2s"), "{}", stall.stdout);
    let one: serde_json::Value =
        serde_json::from_str(&faults(&["stall", "--format", "json"]).stdout).unwrap();
    assert_eq!(one["name"], "stall");
    let docs = include_str!("../../../docs/faults.md");
    let generated = faults(&["--format", "markdown"]).stdout;
    assert!(docs.ends_with(&generated), "docs/faults.md must end with `weir faults --format markdown`");
    let unknown = faults(&["stal"]);
    assert_eq!(
        (unknown.code, unknown.stderr.trim()),
        (Some(2), "error: unknown fault `stal` (did you mean `stall`?)")
    );
}
