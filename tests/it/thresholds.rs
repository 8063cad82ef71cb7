//! Thresholds of a run: exit codes and files for CI.

use std::{fs, path::Path};

use insta::assert_snapshot;
use serde_json::Value;

use crate::{
    cli::{CommandOutput, weir},
    support::shared,
};

/// One user who calls `steady` without think time.
const SCENARIO: &str = "url = 'http://127.0.0.1:1'
[load]
users = 1
run_time = '5m'
[thresholds]
chat = { limit = 'rps < 1000000', abort = true, after = '1s' }
[[user.reader.task]]
name = 'chat'
request = { kind = 'openai.chat', model = 'steady', prompt = 'Hello', max_tokens = 4, stream = true }
";

fn load(folder: &Path, scenario: &str, flags: &[&str], variables: &[(&str, &str)]) -> CommandOutput {
    fs::write(folder.join("one.toml"), scenario).unwrap();
    let url = format!("http://{}", shared().address);
    let arguments = [&["load", "one.toml", "--url", &url, "--out", "out", "--force"], flags].concat();
    weir(&arguments, folder, variables)
}

/// Five requests.
fn short() -> String {
    SCENARIO.replace("run_time = '5m'", "requests = 5")
}

fn summary(folder: &Path) -> Value {
    let report: Value = serde_json::from_slice(&fs::read(folder.join("out/summary.json")).unwrap()).unwrap();
    report["sections"][0]["measured"]["load"].clone()
}

/// On a busy machine, the generator may report that it was the bottleneck: then the exit code is 3.
fn expect(code: i32, output: &CommandOutput, folder: &Path) {
    let valid = summary(folder)["generator"]["validity"]["verdict"] == "valid";
    let expected = if valid { code } else { 3 };
    assert_eq!(output.code, Some(expected), "{}{}", output.stdout, output.stderr);
}

#[tokio::test]
async fn thresholds_met_pass_and_write_ci_summary() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("job.md");
    fs::write(&page, "before\n").unwrap();
    let flags = [
        "--threshold",
        "errors < 1%",
        "--threshold",
        "class('reader').e2e.max < 10m",
        "--goodput",
        "ttft < 1m",
    ];
    let output = load(folder.path(), &short(), &flags, &[("GITHUB_STEP_SUMMARY", page.to_str().unwrap())]);
    expect(0, &output, folder.path());
    assert!(output.stdout.contains("3 of 3 held"), "{}", output.stdout);
    let summary = summary(folder.path());
    let outcomes: Vec<&Value> =
        summary["thresholds"].as_array().unwrap().iter().map(|result| &result["outcome"]).collect();
    assert_eq!(outcomes, ["passed"; 3]);
    assert_eq!(summary["all"]["goodput"][0]["good"], 5, "{}", summary["all"]["goodput"]);
    let job = fs::read_to_string(&page).unwrap();
    assert!(job.starts_with("before\n## weir load one"), "{job}");
    let written = fs::read_to_string(folder.path().join("out/summary.md")).unwrap();
    assert!(job.ends_with(&written), "{job}");
    let cases = fs::read_to_string(folder.path().join("out/junit.xml")).unwrap();
    assert_eq!(cases.matches("<testcase").count(), 5, "{cases}");
}

#[tokio::test]
async fn threshold_not_met_exits_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--threshold", "rps > 1000000", "--threshold", "e2e.p99 < 10m"];
    let output = load(folder.path(), &short(), &flags, &[]);
    expect(1, &output, folder.path());
    let thresholds = output.stdout.split_once("thresholds ").unwrap().1;
    let lines: Vec<&str> = thresholds.lines().collect();
    assert!(lines[0].ends_with("1 of 3 held"), "{thresholds}");
    assert!(lines[1].starts_with("    FAILED  rps > 1000000  "), "{thresholds}");
    assert!(lines[2].ends_with("not measured: 5 samples, 100 are needed"), "{thresholds}");
    assert!(lines[3].starts_with("    ok      task(\"chat\").rps < 1000000"), "{thresholds}");
}

#[tokio::test]
async fn threshold_with_abort_stops_run_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let output = load(folder.path(), &SCENARIO.replace("rps <", "rps >"), &[], &[]);
    expect(1, &output, folder.path());
    let summary = summary(folder.path());
    assert_eq!(summary["window"]["ended"], "threshold");
    assert!(summary["thresholds"][0]["ended_run_at_s"].as_f64().is_some_and(|at_s| at_s >= 1.0), "{summary}");
    assert!(output.stdout.contains("ended the run after"), "{}", output.stdout);
}

#[test]
fn threshold_syntax_error_is_located() {
    let folder = tempfile::tempdir().unwrap();
    // A folder of that name is not the scenario.
    fs::create_dir(folder.path().join("chat")).unwrap();
    let output = weir(&["load", "chat", "--threshold", "task('chat').tttf.p95 < 1s"], folder.path(), &[]);
    assert_eq!(output.code, Some(2));
    assert_snapshot!(output.stderr, @"
    error: command line: --threshold: `task('chat').tttf.p95 < 1s`, character 14: unknown figure `tttf`
      |
    1 | task('chat').tttf.p95 < 1s
      |              ^^^^
      |
      = help: did you mean `ttft`?
    ");
    assert!(!folder.path().join("weir-out").exists(), "nothing is made for a run that cannot be");
}

#[test]
fn scenario_error_shows_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let complaint_of = |scenario: &str| {
        fs::write(folder.path().join("one.toml"), scenario).unwrap();
        let output = weir(&["load", "one.toml"], folder.path(), &[]);
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{}", output.stderr);
        output.stderr
    };
    assert_snapshot!(complaint_of(&SCENARIO.replace("rps < 1000000", "é\u{301} < 5")), @"
    error: one.toml:6: thresholds.chat: `é́ < 5`, character 1: unknown figure `é`
      |
    6 | chat = { limit = 'é́ < 5', abort = true, after = '1s' }
      |                   ^
      |
      = help: expected one of `ttfb`, `ttft`, `ttfo`, `ttft_scheduled`, `itl`, `itl_per_token`, `tpot`, `e2e`, `response_time`, `turn_time`, `lateness`, `loop_lag`, `errors`, `availability`, `rate_limited`, `failures`, `requests`, `rps`, `tokens_per_second`, `cost_usd`, `empty`, `unmarked`, `resends`, `retried`, `retries`, `requests_per_turn`, `tokens_per_event`, `goodput`
    ");
    assert_snapshot!(complaint_of(&SCENARIO.replace("limit = 'rps < 1000000'", "limit =\t'errors < 20'").replace('\n', "\r\n")), @"
    error: one.toml:6: thresholds.chat: `errors < 20`, character 10: `20` cannot be compared with `errors`; give a share, such as 5% or 0.05
      |
    6 | chat = { limit = 'errors < 20', abort = true, after = '1s' }
      |                            ^^
    ");
    assert_snapshot!(complaint_of(&SCENARIO.replace("rps < 1000000", "rps <")), @"
    error: one.toml:6: thresholds.chat: `rps <`, character 6: expected a rate, such as 100/s or 100, found the end
      |
    6 | chat = { limit = 'rps <', abort = true, after = '1s' }
      |                        ^
    ");
    assert_snapshot!(complaint_of(&SCENARIO.replace("prompt =", "promt =")), @"
    error: one.toml:9: user.reader.task[0].request.promt: unknown key
      |
    9 | request = { kind = 'openai.chat', model = 'steady', promt = 'Hello', max_tokens = 4, stream = true }
      |                                                     ^^^^^
      |
      = help: did you mean `prompt`?
    ");
    assert_snapshot!(complaint_of(&SCENARIO.replace("user.reader.task", "user.'two words'.task").replace("name = 'chat'", "nme = 'chat'")), @r#"
    error: one.toml:8: user."two words".task[0].nme: unknown key
      |
    8 | nme = 'chat'
      | ^^^
      |
      = help: did you mean `name`?
    "#);
    assert_snapshot!(complaint_of("[load]\nusers = 1\n[headers]\nauthorization = 'Bearer hush"), @"error: one.toml:4: invalid TOML: invalid literal string, expected `'`");
    assert_snapshot!(complaint_of(""), @"error: one.toml: load: this key is required");
}

#[tokio::test]
async fn load_without_success_fails_and_gives_the_first_message() {
    let folder = tempfile::tempdir().unwrap();
    let abort = "[thresholds]\nchat = { limit = 'rps < 1000000', abort = true, after = '1s' }\n";
    let chat = "kind = 'openai.chat', model = 'steady', prompt = 'Hello', max_tokens = 4, stream = true";
    let scenario = SCENARIO.replace(abort, "").replace(chat, "kind = 'http', path = '/nothing'");
    let url = format!("http://{}/nowhere", shared().address);
    let output = {
        fs::write(folder.path().join("one.toml"), scenario).unwrap();
        weir(&["load", "one.toml", "--url", &url, "--out", "out"], folder.path(), &[])
    };
    expect(1, &output, folder.path());
    assert_eq!(summary(folder.path())["window"]["ended"], "nothing_succeeded");
    assert!(
        output.stdout.contains("http_404: ") && output.stdout.contains("no request succeeded"),
        "{}",
        output.stdout
    );
    let page = fs::read_to_string(folder.path().join("out/summary.md")).unwrap();
    assert!(!page.contains("**passed**"), "{page}");
}
