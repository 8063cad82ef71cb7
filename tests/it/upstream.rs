//! A real model behind chains, and calls of `http` steps: another Weir, or an unreachable target.

use serde_json::json;

use crate::support::{Setup, Weir};

const CHAIN: &str = "
    [chain.ask.step.say]
    llm = { model = 'mine', prompt = 'Say {{ input.text }}', max_tokens = 8 }
    stream = true
    [chain.call.step.fetch]
    http = { url = '{{ input.url }}' }
";

/// A server whose chains call `behind`.
fn before(behind: &Weir, settings: &str) -> Weir {
    let address = behind.api.address;
    let config = format!(
        "[chains]\nhttp_targets = ['http://{address}']\n{settings}\n[upstream.models]\nmine = 'instant'\n"
    );
    Weir::start(Setup::new().chains(CHAIN).config(&config.replace("ADDRESS", &address.to_string())))
}

#[tokio::test]
async fn chains_with_upstream_call_it() {
    let behind = Weir::start(Setup::new());
    let weir = before(&behind, "[upstream]\nurl = 'http://ADDRESS/v1'");
    let run = weir.api.post("/api/chains/ask", &json!({"text": "hello"})).await.json();
    assert_eq!(run["status"], "ok", "{run}");
    assert_eq!(run["steps"][0]["usage"]["completion_tokens"], 8, "{run}");
    let events_seen = weir.api.post("/api/chains/ask/stream", &json!({"text": "hello"})).await.events();
    let tokens: String = events_seen.iter().filter_map(|event| event["token"].as_str()).collect();
    let finished = events_seen.iter().find(|event| event["type"] == "run_finished").unwrap();
    assert_eq!(finished["result"], tokens.as_str());
    let metrics = behind.api.get("/metrics").await;
    assert!(
        metrics.text().contains(r#"endpoint="/v1/chat/completions",status="200"} 2"#),
        "{}",
        metrics.text()
    );
}

#[tokio::test]
async fn upstream_error_is_reported_without_key() {
    let behind = Weir::start(Setup::new().config("[admission]\nunknown_keys = 'reject'"));
    let settings = "[upstream]\nurl = 'http://ADDRESS'\nkey_env = 'UPSTREAM_TEST_KEY'";
    let address = behind.api.address;
    let config = settings.replace("ADDRESS", &address.to_string());
    let setup = Setup::new().chains(CHAIN).config(&config).variable("UPSTREAM_TEST_KEY", "sk-very-secret");
    let weir = Weir::start(setup);
    let reply = weir.api.post("/api/chains/ask", &json!({"text": "hello"})).await;
    assert_eq!(reply.status, 500, "{}", reply.text());
    assert!(reply.text().contains("401 Unauthorized: the API key that was given"), "{}", reply.text());
    assert!(!reply.text().contains("very-secret"), "{}", reply.text());
}

#[tokio::test]
async fn upstream_unreachable_fails_step() {
    let behind = Weir::start(Setup::new());
    let weir = before(&behind, "[upstream]\nurl = 'http://127.0.0.1:9'");
    let reply = weir.api.post("/api/chains/ask", &json!({"text": "hello"})).await;
    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("upstream failed: cannot connect to 127.0.0.1:9"), "{}", reply.text());
}

#[tokio::test]
async fn http_steps_call_only_allowed_targets() {
    let behind = Weir::start(Setup::new());
    let weir = before(&behind, "");
    let called = async |url: String| weir.api.post("/api/chains/call", &json!({"url": url})).await;
    let address = behind.api.address;
    let health = called(format!("http://{address}/health?a=b")).await.json();
    assert!(health["result"].as_str().unwrap().contains("\"status\":\"ok\""), "{health}");
    let missing = called(format!("http://{address}/nowhere?secret=1")).await;
    assert_eq!(missing.status, 502);
    assert!(missing.text().contains("/nowhere returned status 404"), "{}", missing.text());
    assert!(!missing.text().contains("secret=1"), "{}", missing.text());
    let refused = called("http://127.0.0.1:9/health".to_owned()).await;
    assert!(refused.text().contains("calls to http://127.0.0.1:9 are not allowed"), "{}", refused.text());
    let no_url = called("nonsense".to_owned()).await;
    assert!(no_url.text().contains("is not a valid URL"), "{}", no_url.text());
}

#[tokio::test]
async fn llm_calls_per_run_are_limited() {
    let five: String = (0..5)
        .map(|i| {
            format!("[chain.five.step.s{i}]\nllm = {{ model = 'fast', prompt = 'p{i}', total = '60ms' }}\n")
        })
        .collect();
    let setup = Setup::new().chains(&five).variable("WEIR_CHAINS_MAX_CONCURRENT_LLM_CALLS_PER_RUN", "1");
    let weir = Weir::start(setup.variable("ENABLE_PARALLEL_STEPS", "true"));
    let run = weir.api.post("/api/chains/five", &json!({})).await.json();
    assert!(run["metadata"]["elapsed_ms"].as_f64().unwrap() >= 299.0, "{run}");
}
