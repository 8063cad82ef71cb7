//! Runs and scenarios of a URL: `weir load URL` and `weir init`.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::Stdio,
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;
use weir_stub::{Reply, Stub};

use crate::{
    cli::{CommandOutput, weir},
    support::{bare, shared},
};

/// An app that streams: a status event, then the answer.
const ANSWER: &str = "event: status\ndata: {\"state\":\"searching\"}\n\nevent: token\ndata: {\"delta\":\"a\"}\n\n\
                      event: token\ndata: {\"delta\":\"b\"}\n\n";

fn app() -> Stub {
    Stub::start(|request| match request.line.as_str() {
        line if line.contains("/ask") => Reply::stream([(0, ANSWER.into())]).end_body(0),
        _ => Reply::json("{}"),
    })
    .unwrap()
}

fn run(folder: &Path, arguments: &[&str]) -> CommandOutput {
    let limits = ["--requests", "4", "--users", "2", "--out", "out", "--force"];
    let limits = if arguments.contains(&"init") { &[][..] } else { &limits[..] };
    weir(&[arguments, limits].concat(), folder, &[])
}

fn load_of(folder: &Path) -> Value {
    let text = fs::read(folder.join("out/summary.json")).unwrap();
    let report: Value = serde_json::from_slice(&text).unwrap();
    report["sections"][0]["measured"]["load"].clone()
}

/// A run on a busy machine may be invalid; its figures are the same.
fn assert_ran(output: &CommandOutput) {
    assert!(matches!(output.code, Some(0 | 3)), "{}{}", output.stdout, output.stderr);
}

#[test]
fn load_url_with_content_measures_the_stream() {
    let (folder, app) = (tempfile::tempdir().unwrap(), app());
    let url = format!("http://{}/ask?lang=en", app.address());
    let body = r#"{"question": "Why?"}"#;
    let flags = ["load", &url, "--body", body, "--header", "X-Team: search", "--content", "/delta"];
    assert_ran(&run(folder.path(), &flags));
    let all = &load_of(folder.path())["all"];
    assert_eq!((&all["completed"], &all["events"]), (&4.into(), &8.into()), "{all}");
    let received = app.received();
    assert_eq!(received[0].line, "POST /ask?lang=en HTTP/1.1");
    assert_eq!(received[0].body, body);
    let has = |header: &str| received[0].headers.iter().any(|line| line.eq_ignore_ascii_case(header));
    assert!(has("x-team: search") && has("content-type: application/json"), "{:?}", received[0].headers);
}

#[test]
fn load_url_detects_streams_and_fails_without_content() {
    let (folder, app) = (tempfile::tempdir().unwrap(), app());
    let url = format!("http://{}/ask", app.address());
    let output = run(folder.path(), &["load", &url]);
    assert!(matches!(output.code, Some(1 | 3)), "{}", output.stderr);
    let notes = load_of(folder.path())["notes"].to_string();
    assert!(notes.contains("ask: 12 events, all had a type (status, token)"), "{notes}");

    let plain = format!("http://{}/other", app.address());
    assert_ran(&run(folder.path(), &["load", &plain, "--method", "delete"]));
    assert!(app.received().iter().any(|request| request.line.starts_with("DELETE /other ")));
}

#[tokio::test]
async fn load_url_of_llm_api_sends_its_requests() {
    let folder = tempfile::tempdir().unwrap();
    for (path, model) in
        [("/v1/chat/completions", "instant"), ("/v1/messages", "instant"), ("/chat/completions", "instant")]
    {
        let url = format!("http://{}{path}", shared().address);
        assert_ran(&run(folder.path(), &["load", &url, "--stream", "--model", model]));
        let all = &load_of(folder.path())["all"];
        assert_eq!((&all["completed"], &all["empty"]), (&4.into(), &0.into()), "{path}: {all}");
        assert!(all["ttft"]["count"] == 4 && all["output_tokens"].as_u64() > Some(4), "{path}: {all}");
    }
}

#[test]
fn load_request_flags_without_url_are_usage_errors() {
    let folder = tempfile::tempdir().unwrap();
    let error = |arguments: &[&str]| {
        let output = weir(arguments, folder.path(), &[]);
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{}", output.stderr);
        output.stderr
    };
    insta::assert_snapshot!(error(&["load", "chat", "--body", "x"]), @"error: --body describes the request to a URL, which replaces SCENARIO; `chat` is not a URL");
    insta::assert_snapshot!(error(&["load", "http://h/ask", "--url", "http://h"]), @"error: --url changes the target of a scenario; `http://h/ask` already is a URL");
    insta::assert_snapshot!(error(&["load", "http://h/ask", "--body", "@none.json"]), @"error: --body: cannot read none.json: No such file or directory (os error 2)");
    insta::assert_snapshot!(error(&["load", "http://h/ask", "--content", "delta"]), @r#"error: command line: --content: `delta` is not a JSON pointer: it must begin with a slash, as in "/choices/0/text""#);
    insta::assert_snapshot!(error(&["load", "ftp://h/ask"]), @"error: `ftp` is neither a file nor a built-in scenario; the built-in scenarios are `agent-connector`, `agent-workflows`, `chain-backend`, `chat`, `chat-mixed`, `chat-streaming`, `long-context`, `prompt-service`, `workflow-observability`");
}

#[test]
fn init_writes_scenario_that_runs() {
    let (folder, app) = (tempfile::tempdir().unwrap(), app());
    let url = format!("http://{}/ask", app.address());
    fs::write(folder.path().join("body.json"), "{}").unwrap();
    let flags = ["--url", &url, "--body", "@body.json", "--content", "/delta"];
    let written = run(folder.path(), &[&["init", "mine.toml"][..], &flags].concat());
    assert_eq!((written.code, written.stdout.as_str()), (Some(0), "mine.toml\n"), "{}", written.stderr);
    assert!(written.stderr.contains("weir load mine.toml"), "{}", written.stderr);
    assert_ran(&run(folder.path(), &["load", "mine.toml"]));
    assert_eq!(load_of(folder.path())["all"]["events"], 8);

    let again = run(folder.path(), &[&["init", "mine.toml"][..], &flags].concat());
    assert_eq!(again.code, Some(2));
    assert!(again.stderr.contains("mine.toml exists: --force replaces it"), "{}", again.stderr);
    let other = run(folder.path(), &["init", "mine.toml", "--url", "http://h/other", "--force"]);
    assert_eq!(other.code, Some(0), "{}", other.stderr);
    assert!(fs::read_to_string(folder.path().join("mine.toml")).unwrap().contains("\"/other\""));
}

#[test]
fn init_without_terminal_needs_url() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["init"]);
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("stdin is not a terminal: give the URL with --url"), "{}", output.stderr);
    assert!(!folder.path().join("scenario.toml").exists());
}

#[test]
fn init_on_terminal_asks_three_questions() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
    let other_end = File::options().read(true).write(true).open(&name).unwrap();
    let mut command = bare();
    command.arg("init").current_dir(folder.path()).stdin(Stdio::from(other_end));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut keyboard = File::from(terminal);
    keyboard.write_all(b"http://127.0.0.1:9000/ask\n{\"q\": 1}\n/delta\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let asked = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{asked}");
    let questions = ["URL to load", "Request body", "If the answer streams events"];
    assert!(questions.iter().all(|question| asked.contains(question)), "{asked}");
    let text = fs::read_to_string(folder.path().join("scenario.toml")).unwrap();
    assert!(text.contains("body = '{\"q\": 1}'") && text.contains("content = \"/delta\""), "{text}");
}

#[test]
fn load_tls_flags_and_variable_are_used() {
    let (folder, app) = (tempfile::tempdir().unwrap(), app());
    let url = format!("https://{}/ask", app.address());
    let flags = ["load", &url, "--insecure", "--ca", "x.pem"];
    assert_eq!(weir(&flags, folder.path(), &[]).code, Some(2));
    let with = |flags: &[&str], variables: &[(&str, &str)]| {
        let output =
            weir(&[&["load", &url, "--out", "out", "--force"][..], flags].concat(), folder.path(), variables);
        (output.code, output.stderr)
    };
    let (code, error) = with(&[], &[("SSL_CERT_FILE", "of-variable.pem")]);
    assert!(code == Some(2) && error.contains("of-variable.pem"), "{error}");
    let (code, error) = with(&["--ca", "of-flag.pem"], &[("SSL_CERT_FILE", "of-variable.pem")]);
    assert!(code == Some(2) && error.contains("of-flag.pem"), "{error}");
}
