//! Secrets of requests do not reach the summary or the request log, whatever the server answers.

use std::num::NonZeroU64;
use std::time::{Instant, SystemTime};

use super::*;
use crate::request_log::{Endpoint, RequestLog, RunMetadata};

const USERS: &str = r#"
[headers]
authorization = "Bearer sk-header/literal"
[feed.keys]
rows = [{ key = "river-of-stones" }]
[[user.u.on_start]]
request = { kind = "http", path = "/login", body = { user = "me", password = "pass-in-body" } }
capture = { token = { json = "/access_token" } }
[[user.u.task]]
name = "header"
retry = { on = [401], attempts = 2, delay = "1ms" }
request = { kind = "http", path = "/header", headers = { x-api-key = "{{ feed.keys.key }}" } }
[[user.u.task]]
request = { kind = "http", path = "/query?n=1&api_key=query-key-0001" }
[[user.u.task]]
name = "env"
request = { kind = "openai.chat", model = "m", prompt = "{{ env.OTHER }}" }
[[user.u.task]]
name = "captured"
request = { kind = "http", path = "/captured?access_token={{ token }}" }
"#;

const SECRETS: [&str; 6] = [
    "sk-header/literal",
    "river-of-stones",
    "pass-in-body",
    "query-key-0001",
    "secret-of-env",
    "jwt.from.login",
];

/// Answers with an error that repeats the whole request in `form`.
fn echo(request: &ReceivedRequest, form: fn(&str) -> String) -> Reply {
    if request.line.contains("/login") {
        return Reply::json(MS(1), r#"{"access_token":"jwt.from.login"}"#);
    }
    let values = request.headers.values().map(|value| value.to_str().unwrap());
    let all = [request.line.as_str(), request.body.as_str()].into_iter().chain(values);
    Reply::status(401, MS(1), &form(&all.collect::<Vec<_>>().join(" | ")))
}

fn forms() -> [fn(&str) -> String; 5] {
    [
        str::to_owned,
        |text| serde_json::json!({ "error": { "message": text } }).to_string(),
        |text| text.bytes().map(|byte| format!("%{byte:02X}")).collect(),
        |text| text.chars().map(|char| format!("&#{};", u32::from(char))).collect(),
        |text| text.chars().take(text.find("sk-header").unwrap_or(40) + 9).collect(),
    ]
}

#[test]
fn run_server_that_repeats_requests_gives_no_secret_to_summary_and_log() {
    for form in forms() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.json");
        let log = RequestLog::create(&path, NonZeroU64::MAX, "t", "2026-01-01T00:00:00Z").unwrap();
        let options = RunOptions { request_log: Some(log.sink()), ..options(1) };
        let load = "users = 1\nrequests = 40";
        let text = format!("url = \"http://target\"\n[load]\n{load}\n{USERS}");
        let scenario = Scenario::parse("test", "test", &text, &|_| Some("secret-of-env".to_owned())).unwrap();
        let endpoints = scenario.task_names().into_iter();
        log.sink().begin(RunMetadata {
            endpoints: endpoints.map(|name| Endpoint { name, method: "GET".to_owned() }).collect(),
            epoch: Instant::now(),
            epoch_wall: SystemTime::now(),
            users: 1,
        });
        let run =
            simulate_run(&scenario, options, &Control::new(), move |request| echo(request, form), |_| ());
        drop(log.finish(&run.summary).unwrap());
        let failed: u64 = run.summary.tasks.iter().map(|task| task.figures.failed).sum();
        assert!(failed >= 30, "{failed}");
        let written =
            [serde_json::to_string(&run.summary).unwrap(), std::fs::read_to_string(&path).unwrap()].concat();
        assert!(written.matches("http_401: ").count() >= 30, "{written}");
        for secret in SECRETS {
            let pieces = [secret, &secret[..8], &secret[secret.len() - 8..]];
            for escaped in pieces.into_iter().flat_map(|piece| [piece.to_owned(), piece.replace('/', "%2F")])
            {
                assert!(!written.contains(&escaped), "{escaped} is in {written}");
            }
        }
    }
}

#[test]
fn run_invalid_path_is_reported_without_its_query() {
    let users = "[[user.u.task]]\nrequest = { kind = \"http\", path = \"/a?q={{ 'b c' }}\" }";
    let summary = simulate("users = 1\nrequests = 1", users, 1, after(1)).summary;
    let example = &summary.all.failures.values().next().unwrap().example;
    assert_eq!(
        example,
        "`/a` is not a valid path: it must start with a slash and must not contain spaces or control characters"
    );
}
