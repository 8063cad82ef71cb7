//! The load generator against the server: that the two halves fit, and what scripts see of it.

use std::{fs, net::TcpListener, path::Path};

use serde_json::Value;

use crate::{
    cli::{Said, weir},
    support::shared,
};

/// One user who asks `steady`, as fast as it answers.
const SCENARIO: &str = "about = 'one user'
url = 'http://127.0.0.1:1'
[load]
users = 1
requests = 5
run_time = '10s'
[[user.chat.task]]
name = 'chat'
request = { kind = 'openai.chat', model = 'steady', prompt = 'Hello', max_tokens = 4, stream = true }
";

/// Runs the scenario in `folder` against `url`.
fn load(folder: &Path, url: &str) -> Said {
    fs::write(folder.join("one.toml"), SCENARIO).unwrap();
    weir(&["load", "one.toml", "--url", url, "--out", "out"], folder, &[])
}

#[tokio::test]
async fn a_load_is_reported_and_its_files_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let said = load(folder.path(), &format!("http://{}/v1", shared().address));
    let out = folder.path().join("out");
    for file in ["summary.json", "report.html", "timeline.csv", "histograms.hlog"] {
        assert!(fs::metadata(out.join(file)).unwrap().len() > 0, "{file}");
    }
    let summary: Value = serde_json::from_slice(&fs::read(out.join("summary.json")).unwrap()).unwrap();
    assert!(summary["schema"].as_u64().is_some(), "{summary}");
    let load = &summary["sections"][0]["measured"]["load"];
    assert_eq!(load["all"]["completed"], 5, "{load}");
    // On a busy machine the generator may rightly find itself too late: the exit code says what the report says.
    let expected = if load["generator"]["validity"]["verdict"] == "valid" { 0 } else { 3 };
    assert_eq!(said.code, Some(expected), "{}{}", said.stdout, said.stderr);
}

#[test]
fn a_target_that_is_not_there_is_told_with_an_exit_code_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    // A port that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let said = load(folder.path(), &format!("http://{address}"));
    assert_eq!(said.code, Some(3), "{}{}", said.stdout, said.stderr);
    assert!(said.stderr.contains(&address.to_string()), "{}", said.stderr);
}
