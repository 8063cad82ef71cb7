//! `weir load` against the server: reports, files and exit codes.

use std::{fs, net::TcpListener, path::Path, time::Duration};

use insta::assert_snapshot;
use rustix::process::Signal;
use serde_json::Value;

use crate::{
    cli::{CommandOutput, weir},
    support::{Running, Setup, Weir, shared},
};

/// One user without think time who calls `steady`.
pub(crate) const SCENARIO: &str = "about = 'one user'
url = 'http://127.0.0.1:1'
[load]
users = 1
run_time = '10s'
[[user.chat.task]]
name = 'chat'
request = { kind = 'openai.chat', model = 'steady', prompt = 'Hello', max_tokens = 4, stream = true }
";

/// Runs five requests of the scenario in `folder` against `url`.
pub(crate) fn load(folder: &Path, url: &str) -> CommandOutput {
    fs::write(folder.join("one.toml"), SCENARIO.replace("users = 1", "users = 1\nrequests = 5")).unwrap();
    weir(&["load", "one.toml", "--url", url, "--out", "out", "--force"], folder, &[])
}

/// Starts the scenario against a separate server, and lets it run for a second.
async fn start_load(folder: &Path) -> (Weir, Running) {
    let weir = Weir::start(Setup::new().time_scale("0.1"));
    fs::write(folder.join("one.toml"), SCENARIO).unwrap();
    let url = format!("http://{}", weir.api.address);
    let running = Running::start(&["load", "one.toml", "--url", &url, "--out", "out", "--force"], folder);
    weir.api.until_health("requests_in_flight", 1).await;
    weir.api.clock.sleep(Duration::from_secs(1)).await;
    (weir, running)
}

fn summary(out: &Path) -> Value {
    serde_json::from_slice(&fs::read(out.join("summary.json")).unwrap()).unwrap()
}

/// How the load of the first section ended, and its number of completed requests.
fn ended(out: &Path) -> (String, u64) {
    let summary = summary(out);
    let load = &summary["sections"][0]["measured"]["load"];
    (load["window"]["ended"].as_str().unwrap().to_owned(), load["all"]["completed"].as_u64().unwrap())
}

#[tokio::test]
async fn load_prints_report_and_writes_files() {
    let folder = tempfile::tempdir().unwrap();
    let output = load(folder.path(), &format!("http://{}/v1", shared().address));
    let out = folder.path().join("out");
    for file in ["summary.json", "report.html", "timeline.csv", "histograms.hlog"] {
        assert!(fs::metadata(out.join(file)).unwrap().len() > 0, "{file}");
    }
    let summary = summary(&out);
    assert!(summary["schema"].as_u64().is_some(), "{summary}");
    let load = &summary["sections"][0]["measured"]["load"];
    assert_eq!(load["all"]["completed"], 5, "{load}");
    // On a busy machine, the generator may report that it was the bottleneck; the exit code must match the report.
    let expected = if load["generator"]["validity"]["verdict"] == "valid" { 0 } else { 3 };
    assert_eq!(output.code, Some(expected), "{}{}", output.stdout, output.stderr);
}

/// A user who sends 200 tokens per turn.
const CONVERSATION: &str = "[load]
users = 1
requests = 3
[[user.talker.task]]
name = 'talk'
turns = 3
request = { kind = 'openai.chat', model = 'gpt-4o-mini', prompt_tokens = 200, max_tokens = 4, stream = true }
";

#[tokio::test]
async fn conversation_grows_per_turn_and_cost_uses_model_price() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("talk.toml"), CONVERSATION).unwrap();
    let url = format!("http://{}", shared().address);
    let output = weir(&["load", "talk.toml", "--url", &url, "--out", "out", "--force"], folder.path(), &[]);
    let summary = summary(&folder.path().join("out"));
    let all = &summary["sections"][0]["measured"]["load"]["all"];
    assert_eq!((&all["completed"], &all["output_tokens"]), (&3.into(), &12.into()), "{}", output.stderr);
    // One, two and three times 200 tokens, the responses between them, and the overhead per message.
    let input = all["input_tokens"].as_u64().unwrap();
    assert!((1200..=1270).contains(&input), "{input}");
    let cost = all["cost_usd"].as_f64().unwrap();
    assert!((cost - (input as f64 * 0.15 + 12.0 * 0.60) / 1e6).abs() < 1e-9, "{cost}");
    assert!(output.stdout.contains("cost"), "{}", output.stdout);
}

/// Users of the agent workflows, each signed in with a different account.
const SIGNED_IN: &str = "[load]
users = 2
requests = 6
[feed.account]
file = 'accounts.csv'
order = 'unique'
[[user.agent.on_start]]
name = 'sign in'
request = { kind = 'http', path = '/api/v1/auth/token', body = { username = '{{ feed.account.name }}', password = '{{ env.PASSWORD }}' } }
capture = { token = { json = '/access_token' } }
[[user.agent.task]]
name = 'agents'
request = { kind = 'http', path = '/api/v1/agents', headers = { authorization = 'Bearer {{ token }}' } }
check = { status = 200 }
";

#[tokio::test]
async fn users_sign_in_with_feed_accounts() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("scenarios")).unwrap();
    fs::write(folder.path().join("scenarios/signed.toml"), SIGNED_IN).unwrap();
    fs::write(folder.path().join("scenarios/accounts.csv"), "name\nada\nbob\n").unwrap();
    let url = format!("http://{}", shared().address);
    let arguments = ["load", "scenarios/signed.toml", "--url", &url, "--out", "out", "--force"];
    let output = weir(&arguments, folder.path(), &[("PASSWORD", "test")]);
    let load = summary(&folder.path().join("out"))["sections"][0]["measured"]["load"].clone();
    let completed =
        |task: usize| (&load["tasks"][task]["name"], &load["tasks"][task]["figures"]["completed"]);
    assert_eq!(completed(0), (&"agents".into(), &6.into()), "{}{}", output.stdout, output.stderr);
    assert_eq!(completed(1), (&"sign in".into(), &2.into()), "{}{}", output.stdout, output.stderr);
}

#[test]
fn scenario_error_names_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("signed.toml"), SIGNED_IN.replace("/access_token", "access_token")).unwrap();
    fs::write(folder.path().join("accounts.csv"), "name\nada\nbob\n").unwrap();
    let output = weir(&["load", "signed.toml"], folder.path(), &[("PASSWORD", "test")]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
    assert_snapshot!(output.stderr, @r#"error: signed.toml:10: user.agent.on_start[0].capture.token.json: `access_token` is not a JSON pointer: it must begin with a slash, as in "/choices/0/text""#);
}

#[test]
fn unreachable_target_exits_with_3() {
    let folder = tempfile::tempdir().unwrap();
    // A port that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = load(folder.path(), &format!("http://{address}"));
    assert_eq!(output.code, Some(3), "{}{}", output.stdout, output.stderr);
    assert!(output.stderr.contains(&address.to_string()), "{}", output.stderr);
}

#[tokio::test]
async fn interrupted_load_writes_report() {
    let folder = tempfile::tempdir().unwrap();
    let (_weir, running) = start_load(folder.path()).await;
    running.signal(Signal::INT);
    let output = running.ended();
    assert_eq!(output.code, Some(130), "{}", output.stderr);
    let (ended, completed) = ended(&folder.path().join("out"));
    assert!(ended == "interrupted" && completed > 0, "{ended}, {completed}");
    assert!(output.stdout.contains("interrupted"), "{}", output.stdout);
}

#[tokio::test]
async fn stalled_load_writes_report_on_second_interrupt() {
    let folder = tempfile::tempdir().unwrap();
    // It accepts connections and never responds.
    let stalling = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", stalling.local_addr().unwrap());
    fs::write(folder.path().join("one.toml"), SCENARIO).unwrap();
    let mut running =
        Running::start(&["load", "one.toml", "--url", &url, "--out", "out", "--force"], folder.path());
    // The first connection only checks whether the target is reachable; the second is the user's.
    let connections = [stalling.accept().unwrap(), stalling.accept().unwrap()];
    running.signal(Signal::INT);
    running.until_printed("interrupt again to end it at once");
    running.signal(Signal::INT);
    let output = running.ended();
    drop(connections);
    assert_eq!(output.code, Some(130), "{}", output.stderr);
    let load = &summary(&folder.path().join("out"))["sections"][0]["measured"]["load"];
    assert_eq!((&load["window"]["ended"], &load["window"]["unfinished"]), (&"interrupted".into(), &1.into()));
    assert!(
        output.stdout.contains("weir load one") && output.stdout.contains("interrupted"),
        "{}",
        output.stdout
    );
}

#[tokio::test]
async fn load_flags_set_load_profile() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one.toml"), SCENARIO).unwrap();
    let url = format!("http://{}", shared().address);
    let load = |flags: &[&str]| {
        let arguments: Vec<_> = ["load", "one.toml", "--url", &url, "--out", "out", "--force"]
            .iter()
            .chain(flags)
            .copied()
            .collect();
        weir(&arguments, folder.path(), &[])
    };
    let measured = || summary(&folder.path().join("out"))["sections"][0]["measured"]["load"].clone();
    load(&["--stages", "200ms:3,300ms:0"]);
    let staged = measured();
    assert_eq!(
        (&staged["load"]["run_time_s"], &staged["load"]["stages"][0]["to"]),
        (&0.5.into(), &3.0.into())
    );
    load(&["--requests", "7", "--concurrency", "2"]);
    let counted = measured();
    assert_eq!((&counted["all"]["completed"], &counted["window"]["ended"]), (&7.into(), &"requests".into()));
    load(&[
        "--rate",
        "20",
        "--arrivals",
        "gamma",
        "--burstiness",
        "0.5",
        "--run-time",
        "400ms",
        "--cool-down",
        "100ms",
    ]);
    let open = measured();
    assert_eq!((&open["load"]["arrivals"], &open["window"]["cool_down_s"]), (&"gamma".into(), &0.1.into()));

    let refused = |flags: &[&str]| {
        let output = load(flags);
        assert_eq!(output.code, Some(2), "{}", output.stderr);
        output.stderr
    };
    insta::assert_snapshot!(refused(&["--users", "5", "--stages", "10s:5"]), @"error: command line: --users: conflicts with `--stages`: a load has only one of --users, --concurrency, --rate and --stages");
    insta::assert_snapshot!(refused(&["--stages", "10s:5", "--run-time", "10s"]), @"error: command line: --run-time: conflicts with `stages`: the run time is the sum of the stages");
    assert!(refused(&["--stages", "10s:5,5s"]).contains(r#"a colon and users or a rate, as in "30s:50""#));
}

/// Searches up to four users for the highest load within this limit.
fn search(folder: &Path, limit: &str) -> (CommandOutput, Value) {
    let search = "search = { from = 1, to = 4, step_time = '700ms', settle = '100ms', confirm = 1, limits = ['LIMIT'] }";
    let load = "users = 1\nrun_time = '10s'";
    assert!(SCENARIO.contains(load));
    fs::write(folder.join("one.toml"), SCENARIO.replace(load, &search.replace("LIMIT", limit))).unwrap();
    let url = format!("http://{}", shared().address);
    let output = weir(&["load", "one.toml", "--url", &url, "--out", "out", "--force"], folder, &[]);
    let found = summary(&folder.join("out"))["sections"][0]["measured"]["search"].clone();
    (output, found)
}

#[tokio::test]
async fn search_reports_highest_load_within_limits() {
    let folder = tempfile::tempdir().unwrap();
    let (output, found) = search(folder.path(), "errors < 1%");
    // On a busy machine, the generator may report that it was the bottleneck.
    if found["ended"] != "generator" {
        assert_eq!(
            (output.code, &found["ended"], &found["held"]),
            (Some(0), &"ceiling".into(), &4.0.into()),
            "{found}"
        );
        assert_eq!(found["probes"].as_array().map(Vec::len), Some(4), "{found}");
        assert!(
            output.stdout.contains("highest load") && output.stdout.contains("4 users"),
            "{}",
            output.stdout
        );
        assert!(output.stderr.contains("probe 4: 4 users"), "{}", output.stderr);
    }
    let (output, found) = search(folder.path(), "rps < 0.001");
    if found["ended"] != "generator" {
        assert_eq!(
            (output.code, &found["ended"], &found["held"]),
            (Some(1), &"nothing".into(), &Value::Null),
            "{found}"
        );
    }
}

#[tokio::test]
async fn load_with_dying_target_writes_report() {
    let folder = tempfile::tempdir().unwrap();
    let (weir, running) = start_load(folder.path()).await;
    drop(weir);
    let output = running.ended();
    assert_eq!(output.code, Some(3), "{}", output.stderr);
    let (ended, completed) = ended(&folder.path().join("out"));
    assert!(ended == "target_dead" && completed > 0, "{ended}, {completed}");
}

#[test]
fn search_unsupported_options_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |flag: &str| {
        let arguments = ["load", "chat", "--search", "1..4", "--threshold", "errors < 1%", flag];
        let output = weir(&arguments, folder.path(), &[]);
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{}", output.stderr);
        output.stderr
    };
    assert_snapshot!(refused("--request-log"), @"error: --request-log: a search is many runs, and logs none of them");
    assert_snapshot!(refused("--web"), @"error: --web: a search is many runs, and has no page");
    assert!(!folder.path().join("weir-out").exists(), "nothing is made for a run that cannot be");
}

#[tokio::test]
async fn interrupted_bench_writes_partial_report() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(&["bench", "--out", "out", "--force"], folder.path());
    running.until_printed("mixed load ...");
    // After 5 s of warm-up, and long before the end of the 15 s.
    shared().clock.sleep(Duration::from_secs(7)).await;
    running.signal(Signal::INT);
    let output = running.ended();
    assert_eq!(output.code, Some(130), "{}", output.stderr);
    let out = folder.path().join("out");
    let (ended, completed) = ended(&out);
    assert!(ended == "interrupted" && completed > 0, "{ended}, {completed}");
    let failed = &summary(&out)["sections"][0]["measured"]["load"]["all"]["failed"];
    assert_eq!(*failed, 0, "the server goes on until the run has ended");
}
