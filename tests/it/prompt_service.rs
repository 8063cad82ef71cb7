//! The prompt analysis service: keys, hourly limits, cache.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderName, HeaderValue};
use insta::assert_snapshot;
use serde_json::{Value, json};
use weir_wire::Request;

use crate::support::{Api, Reply, Setup, Weir, get, post, shared};

const TEST_KEY: &str = "sp_e7f0e18bb662f3bee755f3bd6b7ee0f2f3326a6373025b4954808938da0deb2f";
const DEMO_KEY: &str = "weir-demo-key";

fn with_key(request: Request, key: &str) -> Request {
    request.with_header(HeaderName::from_static("x-api-key"), HeaderValue::try_from(key).unwrap())
}

async fn analyze_at(api: &Api, key: &str, body: &Value) -> Reply {
    api.send(&with_key(post("/v1/analyze/", body), key)).await
}

async fn analyze(body: &Value) -> Reply {
    analyze_at(&shared(), TEST_KEY, body).await
}

/// A separate server, so that its counters are known.
fn own() -> Weir {
    Weir::start(Setup::new().time_scale("0.01"))
}

async fn stats(api: &Api) -> Value {
    let reply = api.get("/v1/analyze/cache/stats").await;
    assert_eq!(reply.status, 200);
    reply.json()
}

fn number(reply: &Reply, header: &str) -> u64 {
    reply.header(header).unwrap().parse().unwrap()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[tokio::test]
async fn analysis_returns_result_and_remaining_requests() {
    let Weir { api, program: _program } = own();
    let body = json!({"prompt": "Explain how a weir regulates a stream", "llm_provider": "auto",
                      "temperature": 0.7, "cache_ttl": 3600, "unknown": true});
    let reply = analyze_at(&api, TEST_KEY, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let answer = reply.json();
    let data = &answer["data"];
    assert_eq!(
        (&data["intent"], &data["complexity"], &data["words"]),
        (&json!("explanation"), &json!("simple"), &json!(7))
    );
    assert_eq!(data["keywords"], json!(["explain", "regulates", "stream"]));
    assert_eq!(data["usage"]["completion_tokens"], 120);
    assert!(!data["analysis"].as_str().unwrap().is_empty());
    assert_eq!((&answer["cached"], &answer["provider"]), (&json!(false), &json!("openai")));
    assert!(answer["latency_ms"].as_f64().unwrap() > 1.0);
    assert_eq!((number(&reply, "x-ratelimit-limit"), number(&reply, "x-ratelimit-remaining")), (1_000, 999));
    assert!((now() + 3_500..=now() + 3_601).contains(&number(&reply, "x-ratelimit-reset")));

    // A cache hit counts as a request, but makes no LLM call.
    let reply = analyze_at(&api, TEST_KEY, &body).await;
    let again = reply.json();
    assert_eq!((&again["cached"], &again["data"]), (&json!(true), &answer["data"]));
    assert!(again["latency_ms"].as_f64().unwrap() < answer["latency_ms"].as_f64().unwrap());
    assert_eq!(number(&reply, "x-ratelimit-remaining"), 998);
    let metrics = api.get("/metrics").await;
    assert!(metrics.text().contains(r#"llm_requests_total{model="gpt-4o-mini"} 1"#), "{}", metrics.text());
}

#[tokio::test]
async fn cache_key_is_prompt_provider_and_temperature() {
    let Weir { api, program: _program } = own();
    assert_eq!(
        stats(&api).await,
        json!({"hits": 0, "misses": 0, "hit_rate": 0.0, "entries": 0, "size_bytes": 0})
    );
    let cached = async |body: Value| analyze_at(&api, TEST_KEY, &body).await.json()["cached"].clone();
    assert_eq!(cached(json!({"prompt": "x"})).await, false);
    assert_eq!(cached(json!({"prompt": "x"})).await, true);
    // "auto" is an alias of the default provider.
    assert_eq!(cached(json!({"prompt": "x", "llm_provider": "openai", "temperature": 0.7})).await, true);
    assert_eq!(cached(json!({"prompt": "x", "llm_provider": "gemini"})).await, false);
    assert_eq!(cached(json!({"prompt": "x", "temperature": 0})).await, false);
    assert_eq!(cached(json!({"prompt": "y"})).await, false);
    // 0 disables the cache: no lookup and no entry.
    assert_eq!(cached(json!({"prompt": "x", "cache_ttl": 0})).await, false);
    assert_eq!(cached(json!({"prompt": "z", "cache_ttl": 0})).await, false);
    assert_eq!(cached(json!({"prompt": "z"})).await, false);
    let stats = stats(&api).await;
    assert_eq!((&stats["hits"], &stats["misses"], &stats["entries"]), (&json!(2), &json!(5), &json!(5)));
    assert!((stats["hit_rate"].as_f64().unwrap() - 2.0 / 7.0).abs() < 1e-9);
    assert!(stats["size_bytes"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn cache_entry_expires_after_requested_ttl() {
    let Weir { api, program: _program } = own();
    let cached = async |ttl: f64| {
        analyze_at(&api, TEST_KEY, &json!({"prompt": "x", "cache_ttl": ttl})).await.json()["cached"].clone()
    };
    assert_eq!(cached(0.3).await, false);
    api.clock.sleep(Duration::from_millis(400)).await;
    assert_eq!(cached(60.0).await, false);
    api.clock.sleep(Duration::from_millis(400)).await;
    assert_eq!(cached(0.3).await, true);
}

#[tokio::test]
async fn hourly_limit_exceeded_returns_429() {
    let Weir { api, program: _program } = own();
    for remaining in [2, 1] {
        let reply = analyze_at(&api, DEMO_KEY, &json!({"prompt": "x"})).await;
        assert_eq!((reply.status, number(&reply, "x-ratelimit-remaining")), (200, remaining));
    }
    // An invalid request counts, too, and its response has the remaining number.
    let reply = analyze_at(&api, DEMO_KEY, &json!({})).await;
    assert_eq!((reply.status, number(&reply, "x-ratelimit-remaining")), (400, 0));

    let refused = analyze_at(&api, DEMO_KEY, &json!({"prompt": "x"})).await;
    let error = &refused.json()["error"];
    assert_eq!((refused.status, &error["code"]), (429, &json!("rate_limit_exceeded")));
    assert_eq!(error["message"], "rate limit reached: this key may make 3 requests an hour");
    let details = &error["details"];
    assert_eq!((&details["limit"], &details["remaining"]), (&json!(3), &json!(0)));
    let reset = details["reset"].as_u64().unwrap();
    assert!(number(&refused, "x-ratelimit-reset").abs_diff(reset) <= 1);
    assert_eq!((number(&refused, "x-ratelimit-limit"), number(&refused, "x-ratelimit-remaining")), (3, 0));
    assert!((3_500..=3_600).contains(&number(&refused, "retry-after")));
    // Other keys are not affected.
    assert_eq!(analyze_at(&api, TEST_KEY, &json!({"prompt": "x"})).await.status, 200);
}

#[tokio::test]
async fn settings_add_and_change_keys() {
    let settings = "[prompt_service.key.mine]\nsecret = 'my-key'\nper_hour = 7\n
                    [prompt_service.key.demo]\nsecret = 'weir-demo-key'\nper_hour = 9";
    let Weir { api, program: _program } = Weir::start(Setup::new().time_scale("0").config(settings));
    for (key, limit) in [("my-key", 7), (DEMO_KEY, 9), (TEST_KEY, 1_000)] {
        let reply = analyze_at(&api, key, &json!({"prompt": "x"})).await;
        assert_eq!((reply.status, number(&reply, "x-ratelimit-limit")), (200, limit), "{key}");
    }
}

#[tokio::test]
async fn unknown_key_returns_401() {
    let api = shared();
    let without = api.post("/v1/analyze/", &json!({"prompt": "x"})).await;
    assert_snapshot!(without.status_and_body(), @r#"401 {"error":{"code":"unauthorized","details":{},"message":"no API key was given: expected one in the header X-API-Key"}}"#);
    let unknown = analyze_at(&api, "sp_unknown", &json!({"prompt": "x"})).await;
    assert_snapshot!(unknown.status_and_body(), @r#"401 {"error":{"code":"unauthorized","details":{},"message":"the API key that was given is not a known one"}}"#);
    assert_eq!(unknown.header("x-ratelimit-limit"), None);
}

#[tokio::test]
async fn invalid_analysis_is_rejected() {
    let refused = async |body: Value| analyze(&body).await.status_and_body();
    assert_snapshot!(refused(json!({})).await, @r#"400 {"error":{"code":"invalid_request","details":{},"message":"the body is not the expected JSON: missing field `prompt` at line 1 column 2"}}"#);
    assert_snapshot!(refused(json!({"prompt": ""})).await, @r#"400 {"error":{"code":"invalid_request","details":{"field":"prompt"},"message":"prompt: is empty: expected a text"}}"#);
    assert_snapshot!(refused(json!({"prompt": ["x"]})).await, @r#"400 {"error":{"code":"invalid_request","details":{"field":"prompt"},"message":"prompt: invalid type: sequence, expected a string at line 1 column 10"}}"#);
    assert_snapshot!(refused(json!({"prompt": "x".repeat(65_537)})).await, @r#"400 {"error":{"code":"invalid_request","details":{"field":"prompt"},"message":"prompt: has 65537 bytes: 65536 at the most"}}"#);
    assert_snapshot!(refused(json!({"prompt": "x", "temperature": -1})).await, @r#"400 {"error":{"code":"invalid_request","details":{"field":"temperature"},"message":"temperature: expected a number from 0 to 2, found -1"}}"#);
    assert_snapshot!(refused(json!({"prompt": "x", "cache_ttl": -1})).await, @r#"400 {"error":{"code":"invalid_request","details":{"field":"cache_ttl"},"message":"cache_ttl: expected seconds from 0 (off) to 604800, found -1"}}"#);
    assert_snapshot!(refused(json!({"prompt": "x", "cache_ttl": 1e300})).await.split(':').next().unwrap(), @r#"400 {"error""#);
    assert_snapshot!(refused(json!({"prompt": "x", "llm_provider": "opnai"})).await, @r#"400 {"error":{"code":"invalid_request","details":{"field":"llm_provider","known":["auto","anthropic","gemini","llama","openai"]},"message":"the provider 'opnai' does not exist (did you mean 'openai'?); known: auto, anthropic, gemini, llama, openai"}}"#);
    let method = shared().get("/v1/analyze/").await;
    assert_snapshot!(method.status_and_body(), @r#"405 {"error":{"code":"method_not_allowed","details":{},"message":"the method GET is not allowed on /v1/analyze/"}}"#);
}

#[tokio::test]
async fn health_and_providers_need_no_key() {
    let health = shared().get("/v1/health").await;
    assert_eq!((health.status, &health.json()["status"]), (200, &json!("ok")));
    for request in [get("/v1/analyze/providers"), with_key(get("/v1/analyze/providers"), TEST_KEY)] {
        let reply = shared().send(&request).await;
        let answer = reply.json();
        assert_eq!((reply.status, &answer["default"]), (200, &json!("openai")));
        let names: Vec<_> =
            answer["providers"].as_array().unwrap().iter().map(|provider| &provider["name"]).collect();
        assert_eq!(names, ["anthropic", "gemini", "llama", "openai"]);
        assert_eq!(
            answer["providers"][3],
            json!({"name": "openai", "model": "gpt-4o-mini", "available": true})
        );
    }
}

#[tokio::test]
async fn cache_is_cleared_and_limits_are_reset_between_tests() {
    let Weir { api, program: _program } = own();
    let body = json!({"prompt": "Explain a weir", "cache_ttl": 3600});
    for expected in [200, 200, 200, 429] {
        assert_eq!(analyze_at(&api, DEMO_KEY, &body).await.status, expected);
    }
    let metrics = api.get("/metrics").await;
    assert!(
        metrics.text().contains("prompt_service_cache_lookups_total{result=\"Hit\"} 2"),
        "{}",
        metrics.text()
    );
    let cleared = api.post("/v1/analyze/cache/clear", &json!({})).await;
    assert_snapshot!(cleared.status_and_body(), @r#"200 {"cleared":1,"status":"ok"}"#);
    let reset = api.post("/v1/analyze/limits/reset", &json!({})).await;
    assert_snapshot!(reset.status_and_body(), @r#"200 {"keys":4,"status":"ok"}"#);
    assert_eq!(analyze_at(&api, DEMO_KEY, &body).await.status, 200);
    let now = stats(&api).await;
    assert_eq!((&now["hits"], &now["misses"]), (&json!(0), &json!(1)));
}
