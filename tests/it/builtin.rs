//! The built-in scenarios against the server: no request fails.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::{
    cli::weir,
    support::{Setup, Weir},
};

/// The summary of a run of two seconds with a few users.
fn load(url: &str, scenario: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let short = ["--users", "8", "--run-time", "2s", "--warm-up", "0s"];
    let arguments = [&["load", scenario, "--url", url, "--out", "out", "--force"], short.as_slice()].concat();
    let output = weir(&arguments, folder.path(), &[]);
    let summary = fs::read(folder.path().join("out/summary.json"));
    let summary: Value =
        serde_json::from_slice(&summary.unwrap_or_else(|_| panic!("{}", output.stderr))).unwrap();
    assert!(!output.stdout.contains("needs work"), "{scenario}: {}", output.stdout);
    summary["sections"][0]["measured"]["load"].clone()
}

#[tokio::test]
async fn builtin_scenarios_against_server_have_no_failures() {
    let server = Weir::start(Setup::new().time_scale("0.1"));
    let url = format!("http://{}", server.api.address);
    for scenario in [
        "chat",
        "chat-streaming",
        "chat-mixed",
        "long-context",
        "chain-backend",
        "chain-backend:mixed",
        "agent-connector",
        "agent-connector:fast",
        "agent-workflows",
        "agent-workflows:agents",
        "agent-workflows:workflows",
        "prompt-service",
        "prompt-service:rate-limit",
        "prompt-service:unauthenticated",
        "workflow-observability",
        "workflow-observability:light",
    ] {
        let load = load(&url, scenario);
        assert_eq!(load["all"]["failed"], 0, "{scenario}: {}", load["all"]["failures"]);
        let completed = load["all"]["completed"].as_u64().unwrap();
        let limited = load["all"]["rate_limited"].as_u64().unwrap();
        assert!(completed + limited > 0, "{scenario}");
    }
}

#[test]
fn load_list_includes_variants() {
    let list = weir(&["load", "list"], std::path::Path::new("."), &[]);
    let lines: Vec<&str> = list.stdout.lines().filter(|line| line.starts_with("chain-backend")).collect();
    assert_snapshot!(lines.join("\n"), @"
    chain-backend                   The chain backend under its usual load: chains, LLM calls, streams, and occasional health checks
    chain-backend:gate              A CI gate: 200 users for a minute, with thresholds
    chain-backend:mixed             All user classes together, mostly the default one
    chain-backend:parallel          20 users whose chains run three steps in parallel, each within 3 s
    chain-backend:rapid             200 users with short think times; 429 is an expected response
    chain-backend:streaming         30 users who read streams; TTFT below 500 ms
    ");
    let shown = weir(&["load", "show", "chat"], std::path::Path::new("."), &[]);
    assert_eq!(shown.stdout, include_str!("../../config/scenarios/chat.toml"));
}
