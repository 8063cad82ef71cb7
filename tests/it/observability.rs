//! The workflow observability service: runs, switches and overhead.

use http::{HeaderName, HeaderValue};
use insta::assert_snapshot;
use serde_json::{Value, json};
use weir_wire::Request;

use crate::support::{Api, Reply, Setup, Weir, post, shared};

const EXECUTE: &str = "/api/v1/workflows/execute";
const SWITCHES: [&str; 4] =
    ["ENABLE_LANGFUSE_EXPORT", "ENABLE_ASYNC_TRACE_EXPORT", "TRACK_MODEL_COSTS", "ENABLE_SIMILARITY_LOGGING"];

fn run(message: &str) -> Request {
    post(EXECUTE, &json!({"workflowId": "support", "input": {"message": message, "unknown": 1}}))
}

fn switched(request: Request, switch: &str) -> Request {
    let name = HeaderName::from_static("x-enable-observability");
    request.with_header(name, HeaderValue::try_from(switch).unwrap())
}

async fn get_json(api: &Api, what: &str) -> Value {
    let reply = api.get(&format!("/api/v1/observability/{what}")).await;
    assert_eq!(reply.status, 200);
    reply.json()
}

fn overhead_ms(reply: &Reply) -> f64 {
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["observability"]["overheadMs"].as_f64().unwrap()
}

#[tokio::test]
async fn run_returns_result_and_observability() {
    let reply = shared().send(&run("How high is the river today?")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let answer = reply.json();
    assert_eq!((&answer["workflowId"], &answer["status"]), (&json!("support"), &json!("completed")));
    assert!(answer["runId"].as_str().unwrap().starts_with("run_"));
    assert!(!answer["output"]["message"].as_str().unwrap().is_empty());
    assert!(answer["usage"]["promptTokens"].as_u64().unwrap() > 0);
    assert!(answer["usage"]["completionTokens"].as_u64().unwrap() > 0);
    let watched = &answer["observability"];
    assert_eq!(watched["enabled"], true);
    assert!(watched["costUsd"].as_f64().unwrap() > 0.0);
    assert!((0.0..=1.0).contains(&watched["similarity"].as_f64().unwrap()));
    let overhead = overhead_ms(&reply);
    assert!(overhead > 0.0 && answer["durationMs"].as_f64().unwrap() > overhead, "{answer}");
}

#[tokio::test]
async fn any_bearer_token_is_accepted() {
    for bearer in ["Bearer whoever", "Basic eDp5", "nonsense"] {
        let request = run("x").with_header(http::header::AUTHORIZATION, HeaderValue::from_static(bearer));
        assert_eq!(shared().send(&request).await.status, 200);
    }
}

#[tokio::test]
async fn header_enable_observability_overrides_settings() {
    let all_off = SWITCHES.iter().fold(Setup::new(), |setup, switch| setup.variable(switch, "false"));
    for (setup, default) in [(Setup::new(), true), (all_off, false)] {
        let Weir { api, program: _program } = Weir::start(setup.time_scale("0.1"));
        let plain = api.send(&run("x")).await;
        let on = api.send(&switched(run("x"), "true")).await;
        let off = api.send(&switched(run("x"), "False")).await;
        assert_eq!(plain.json()["observability"]["enabled"], default);
        assert_eq!(overhead_ms(&plain) > 0.0, default);
        assert!(overhead_ms(&on) > 0.0);
        assert_eq!(
            off.json()["observability"],
            json!({"enabled": false, "overheadMs": 0.0, "costUsd": null, "similarity": null})
        );
        let metrics = get_json(&api, "metrics").await;
        let watched = 1 + u64::from(default);
        assert_eq!(metrics["runs"], json!({"total": 3, "completed": 3, "failed": 0, "watched": watched}));
        assert_eq!(metrics["modelCosts"]["runs"], watched);
        assert_eq!(metrics["similarity"]["logs"], watched);
        assert_eq!(metrics["flags"][SWITCHES[0]], default);
    }
    let refused = shared().send(&switched(run("x"), "perhaps")).await;
    assert_snapshot!(refused.status_and_body(), @r#"400 {"error":"X-Enable-Observability: \"perhaps\" is neither true nor false","status":"error"}"#);
}

/// All costs and exports take 1 ms, so that the effect of each switch can be identified.
const EVEN: &str = "[observability]\nexport_time = '1ms'\nflush_interval = '1h'\n
[observability.cost]\nlangfuse_export = '10ms'\nasync_trace_export = '20ms'\nmodel_costs = '40ms'\nsimilarity_logging = '80ms'";

#[tokio::test]
async fn each_feature_adds_its_overhead() {
    let expected = [11.0, 20.0, 40.0, 80.0];
    for (switch, cost) in SWITCHES.iter().zip(expected) {
        let others = SWITCHES.iter().filter(|other| other != &switch);
        let setup = others.fold(Setup::new(), |setup, other| setup.variable(other, "0"));
        let Weir { api, program: _program } = Weir::start(setup.config(EVEN));
        let reply = api.send(&run("x")).await;
        assert_eq!(overhead_ms(&reply), cost, "{switch}");
        let answer = reply.json();
        assert!(answer["durationMs"].as_f64().unwrap() >= cost);
        let watched = &answer["observability"];
        assert_eq!(watched["costUsd"].is_number(), *switch == "TRACK_MODEL_COSTS");
        assert_eq!(watched["similarity"].is_number(), *switch == "ENABLE_SIMILARITY_LOGGING");
        // Without the asynchronous export, each trace is sent before the response.
        let traces = &get_json(&api, "metrics").await["traces"];
        assert_eq!(traces["exported"], u64::from(*switch == "ENABLE_LANGFUSE_EXPORT"), "{switch}");
        assert_eq!(traces["waiting"], u64::from(*switch == "ENABLE_ASYNC_TRACE_EXPORT"), "{switch}");
    }
}

#[tokio::test]
async fn traces_are_exported_in_batches_and_dropped_on_overflow() {
    // The exporter takes a batch and needs an hour for it.
    let settings = "[observability]\nexport_time = '1h'\nflush_interval = '1h'\nqueue_capacity = 30\nrun_time = '0s'\n
[observability.cost]\nlangfuse_export = '0s'\nasync_trace_export = '0s'\nmodel_costs = '0s'\nsimilarity_logging = '0s'";
    let Weir { api, program: _program } = Weir::start(Setup::new().config(settings));
    let empty =
        json!({"depth": 0, "capacity": 30, "batchSize": 20, "batches": 0, "exported": 0, "dropped": 0});
    assert_eq!(get_json(&api, "queue-stats").await, empty);
    for _ in 0..55 {
        assert_eq!(api.send(&run("x")).await.status, 200);
    }
    let full =
        json!({"depth": 30, "capacity": 30, "batchSize": 20, "batches": 1, "exported": 20, "dropped": 5});
    assert_eq!(get_json(&api, "queue-stats").await, full);
    let errors = get_json(&api, "errors").await;
    assert_eq!((&errors["total"], errors["errors"].as_array().unwrap().len()), (&json!(5), 5));
    assert_eq!(errors["errors"][0]["kind"], "export");
    assert_eq!(errors["errors"][0]["message"], "the export queue is full: a trace was dropped");
}

#[tokio::test]
async fn invalid_run_is_rejected_and_recorded() {
    let Weir { api, program: _program } = Weir::start(Setup::new().time_scale("0"));
    assert_eq!(get_json(&api, "errors").await, json!({"errors": [], "total": 0}));
    let refused = async |body: Value| api.post(EXECUTE, &body).await.status_and_body();
    assert_snapshot!(refused(json!({"workflowId": "w", "input": {}})).await, @r#"400 {"error":"input: missing field `message` at line 1 column 11","status":"error"}"#);
    assert_snapshot!(refused(json!({"workflowId": "w"})).await, @r#"400 {"error":"the body is not the expected JSON: missing field `input` at line 1 column 18","status":"error"}"#);
    assert_snapshot!(refused(json!({"input": {"message": "x"}})).await, @r#"400 {"error":"the body is not the expected JSON: missing field `workflowId` at line 1 column 25","status":"error"}"#);
    assert_snapshot!(refused(json!({"workflowId": "w", "input": "x"})).await, @r#"400 {"error":"input: invalid type: string \"x\", expected an object with a message at line 1 column 12","status":"error"}"#);
    assert_snapshot!(refused(json!({"workflowId": "w", "input": {"message": ""}})).await, @r#"400 {"error":"input.message: is empty: expected a text","status":"error"}"#);
    assert_snapshot!(refused(json!({"workflowId": "w".repeat(257), "input": {"message": "x"}})).await, @r#"400 {"error":"workflowId: has 257 bytes: 256 at the most","status":"error"}"#);
    assert!(
        refused(json!({"workflowId": "w", "input": {"message": "x".repeat(65_537)}}))
            .await
            .starts_with("400 ")
    );
    let errors = get_json(&api, "errors").await;
    assert_eq!(errors["total"], 7);
    // Newest first.
    assert_eq!(errors["errors"][1]["message"], "workflowId: has 257 bytes: 256 at the most");
    assert_eq!(errors["errors"][1]["kind"], "run");
    assert!(errors["errors"][1]["timestampMs"].as_u64().unwrap() > 1_700_000_000_000);
    assert_eq!(
        get_json(&api, "metrics").await["runs"],
        json!({"total": 7, "completed": 0, "failed": 7, "watched": 0})
    );
}
