//! `weir report`: regenerates and merges saved reports.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    cli::{CommandOutput, weir},
    support::shared,
};

const SCENARIO: &str = "about = 'one user'
[load]
users = 1
requests = 5
[[user.chat.task]]
name = 'chat'
request = { kind = 'openai.chat', model = 'steady', prompt = 'Hello', max_tokens = 4, stream = true }
";

/// Runs the scenario; its report goes to `out` in `folder`.
fn load(folder: &Path, out: &str) {
    fs::write(folder.join("one.toml"), SCENARIO).unwrap();
    let url = format!("http://{}", shared().address);
    let output = weir(&["load", "one.toml", "--url", &url, "--out", out], folder, &[]);
    // 3: the machine was busy, and the run is reported as invalid.
    assert!(matches!(output.code, Some(0 | 3)), "{}", output.stderr);
}

fn report(arguments: &[&str], folder: &Path) -> CommandOutput {
    weir(&[&["report"], arguments].concat(), folder, &[])
}

#[tokio::test]
async fn report_is_regenerated_and_runs_are_merged() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    load(folder, "a");
    load(folder, "b");
    let again = report(&["a", "--out", "again"], folder);
    assert!(matches!(again.code, Some(0 | 3)), "{}", again.stderr);
    for file in
        ["summary.json", "timeline.csv", "weir_stats.csv", "weir_stats_history.csv", "histograms.hlog"]
    {
        let read = |out: &str| fs::read_to_string(folder.join(out).join(file)).unwrap();
        assert!(read("again") == read("a"), "{file} is another");
    }

    let both = report(&["a", "b/summary.json", "--out", "both"], folder);
    assert!(matches!(both.code, Some(0 | 3)), "{}", both.stderr);
    assert!(both.stdout.contains("merged from 2 runs"), "{}", both.stdout);
    let summary: Value =
        serde_json::from_slice(&fs::read(folder.join("both/summary.json")).unwrap()).unwrap();
    let all = &summary["sections"][0]["measured"]["load"]["all"];
    assert_eq!((&all["completed"], &all["ttft"]["count"]), (&10.into(), &10.into()));
}

#[test]
fn report_invalid_input_is_rejected() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    fs::create_dir(folder.join("empty")).unwrap();
    fs::write(folder.join("new.json"), r#"{"schema": 99, "weir": "9.0.0"}"#).unwrap();
    fs::write(folder.join("other.json"), "{}").unwrap();
    let refused = |from: &str| {
        let output = report(&[from], folder);
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{}", output.stderr);
        assert!(!folder.join("weir-out").exists(), "there is nothing to report");
        output.stderr
    };
    assert!(refused("empty").starts_with("error: cannot read empty/summary.json: "), "{}", refused("empty"));
    assert!(refused("gone").starts_with("error: cannot read gone: "), "{}", refused("gone"));
    assert!(
        refused("new.json").starts_with("error: new.json: has schema 99, of weir 9.0.0; "),
        "{}",
        refused("new.json")
    );
    assert!(
        refused("other.json").starts_with("error: other.json: not a summary.json of weir"),
        "{}",
        refused("other.json")
    );
}
