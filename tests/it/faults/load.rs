//! What `weir load` makes of each fault.

use std::{fmt::Write as _, fs};

use serde_json::Value;

use crate::{
    cli::weir,
    support::{Setup, Weir},
};

/// Faults, and the kind of failure that `weir load` counts for each.
const KINDS: [(&str, &str); 13] = [
    ("status=503", "http_503"),
    ("status=429", "http_429"),
    ("reset", "reset"),
    ("reset; after=3", "reset"),
    ("disconnect", "truncated"),
    ("disconnect; after=3", "truncated"),
    ("no_answer", "timeout_headers"),
    ("stall; after=3; for=20s", "timeout_idle"),
    ("truncate; after=3", "truncated"),
    ("malformed; after=3", "protocol"),
    ("error_event; after=3", "stream_error"),
    ("content_type=text/html", "protocol"),
    ("delay=20s", "timeout_headers"),
];

/// A scenario with a task for each fault, and one without.
fn scenario() -> String {
    let mut scenario =
        "[load]\nusers = 16\nrequests = 120\n[timeouts]\nheaders = '2s'\nidle = '2s'\n".to_owned();
    for (number, (fault, _)) in KINDS.iter().chain([&("none", "")]).enumerate() {
        let _ = write!(
            scenario,
            "[[user.any.task]]\nname = 'fault {number}'\n\
             request = {{ kind = 'openai.chat', model = 'instant', prompt = 'Hi', max_tokens = 10, stream = true, \
             headers = {{ x-weir-fault = \"{fault}\" }} }}\n"
        );
    }
    scenario
}

#[tokio::test]
async fn failures_have_the_kind_of_the_fault() {
    let server = Weir::start(Setup::new());
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("faults.toml"), scenario()).unwrap();
    let url = format!("http://{}/v1", server.api.address);
    let output = weir(&["load", "faults.toml", "--url", &url, "--out", "out", "--force"], folder.path(), &[]);
    let summary = fs::read(folder.path().join("out/summary.json"));
    let summary = summary.unwrap_or_else(|_| panic!("{}{}", output.stdout, output.stderr));
    let summary: Value = serde_json::from_slice(&summary).unwrap();
    let tasks = &summary["sections"][0]["measured"]["load"]["tasks"];
    let kinds = |number: usize| -> Vec<String> {
        let name = format!("fault {number}");
        let task = tasks.as_array().unwrap().iter().find(|task| task["name"] == name.as_str());
        let failures = &task.unwrap_or_else(|| panic!("{name} was not drawn"))["figures"]["failures"];
        failures.as_object().unwrap().keys().cloned().collect()
    };
    for (number, (fault, kind)) in KINDS.iter().enumerate() {
        assert_eq!(kinds(number), [*kind], "{fault}");
    }
    assert_eq!(kinds(KINDS.len()), [""; 0]);
}
