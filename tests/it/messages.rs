//! Anthropic's messages: behaviour that unit tests do not cover.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use weir_wire::Request;

use crate::support::{Api, Reply, Setup, Weir, events, get, post, shared};

const VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");

fn with(request: Request, (name, value): (&'static str, &str)) -> Request {
    request.with_header(HeaderName::from_static(name), HeaderValue::try_from(value).unwrap())
}

/// A messages request with these fields in addition to the required ones.
fn messages_request(model: &str, more: &Value) -> Request {
    let mut body =
        json!({"model": model, "max_tokens": 12, "messages": [{"role": "user", "content": "How deep?"}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    with(post("/v1/messages?beta=true", &body), VERSION)
}

async fn error(api: &Api, request: &Request) -> String {
    let reply = api.send(request).await;
    let mut body = reply.json();
    assert_eq!(body["request_id"].as_str(), reply.header("request-id"));
    body["request_id"].take();
    format!("{} {body}", reply.status)
}

fn usage(reply: &Reply) -> [u64; 3] {
    let usage = &reply.json()["usage"];
    ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"]
        .map(|name| usage[name].as_u64().unwrap())
}

#[tokio::test]
async fn messages_response_has_unique_ids_and_max_tokens() {
    let (first, second) = (
        shared().send(&messages_request("instant", &json!({}))).await,
        shared().send(&messages_request("instant", &json!({}))).await,
    );
    for reply in [&first, &second] {
        let answer = reply.json();
        assert!(answer["id"].as_str().unwrap().starts_with("msg_01"));
        assert_eq!(
            (&answer["stop_reason"], &answer["usage"]["output_tokens"]),
            (&json!("max_tokens"), &json!(12))
        );
        assert!(reply.header("request-id").unwrap().starts_with("req_01"));
        assert!(reply.header("anthropic-organization-id").is_some());
    }
    assert_ne!(first.header("request-id"), second.header("request-id"));
    assert_ne!(first.json()["id"], second.json()["id"]);
    assert_eq!(first.json()["content"], second.json()["content"]);
}

#[tokio::test]
async fn messages_stream_first_events_are_sent_with_first_token() {
    // `steady` plans its first token for 200 ms, here 20 ms.
    let api = shared();
    let mut connection = api.connection();
    let mut response = connection.send(&messages_request("steady", &json!({"stream": true}))).await.unwrap();
    let first = response.chunk().await.unwrap().unwrap();
    let types: Vec<_> =
        events(&first.bytes).iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types[..4], ["message_start", "content_block_start", "ping", "content_block_delta"]);
    assert!(first.at - response.timestamps().started > Duration::from_millis(15));
}

#[tokio::test]
async fn messages_hidden_thinking_takes_time_without_content() {
    let more = json!({
        "stream": true, "max_tokens": 600, "thinking": {"type": "adaptive", "display": "omitted"},
    });
    let reply = shared().send(&messages_request("instant", &more)).await;
    let events = events(&reply.body);
    let deltas = |kind: &str| events.iter().filter(|event| event["delta"]["type"] == kind).count();
    assert_eq!((deltas("thinking_delta"), deltas("signature_delta"), deltas("text_delta")), (0, 1, 88));
    let delta = events.iter().find(|event| event["type"] == "message_delta").unwrap();
    assert_eq!(delta["usage"]["output_tokens_details"]["thinking_tokens"], 512);
}

#[tokio::test]
async fn messages_repeated_prompt_is_read_from_cache() {
    let Weir { api, program: _program } = Weir::start(Setup::new().time_scale("0"));
    let system =
        json!([{"type": "text", "text": "deep ".repeat(1_500), "cache_control": {"type": "ephemeral"}}]);
    let [first, second] = [
        api.send(&messages_request("instant", &json!({"system": system}))).await,
        api.send(&messages_request("instant", &json!({"system": system, "max_tokens": 3}))).await,
    ];
    let ([input, created, 0], [same, 0, read]) = (usage(&first), usage(&second)) else {
        panic!("{:?} {:?}", usage(&first), usage(&second))
    };
    assert_eq!((input, created), (same, read));
    assert!(created >= 1_500, "{created}");
    let body =
        json!({"model": "instant", "messages": [{"role": "user", "content": "How deep?"}], "system": system});
    let counted = api.send(&with(post("/v1/messages/count_tokens", &body), VERSION)).await;
    assert_eq!(counted.json(), json!({"input_tokens": input + created}));
}

#[tokio::test]
async fn messages_errors_include_request_id() {
    let Weir { api, program: _program } =
        Weir::start(Setup::new().config("[server]\nbody_limit = '64KiB'\n[models]\nunknown = 'reject'"));
    insta::assert_snapshot!(error(&api, &messages_request("nobody", &json!({}))).await, @r#"404 {"error":{"message":"model: nobody","type":"not_found_error"},"request_id":null,"type":"error"}"#);
    insta::assert_snapshot!(error(&api, &post("/v1/messages", &json!({}))).await, @r#"400 {"error":{"message":"anthropic-version: header is required","type":"invalid_request_error"},"request_id":null,"type":"error"}"#);
    insta::assert_snapshot!(error(&api, &messages_request("fast", &json!({"max_tokens": 40_000}))).await, @r#"400 {"error":{"message":"input length and `max_tokens` exceed context limit: 10 + 40000 > 32768, decrease input length or `max_tokens` and try again","type":"invalid_request_error"},"request_id":null,"type":"error"}"#);
    insta::assert_snapshot!(error(&api, &messages_request("fast", &json!({"system": "x".repeat(70_000)}))).await, @r#"413 {"error":{"message":"the body is larger than the limit of 65536 bytes","type":"request_too_large"},"request_id":null,"type":"error"}"#);
    insta::assert_snapshot!(error(&api, &with(get("/v1/messages"), VERSION)).await, @r#"405 {"error":{"message":"the method GET is not allowed on /v1/messages","type":"invalid_request_error"},"request_id":null,"type":"error"}"#);
    insta::assert_snapshot!(error(&api, &with(get("/v1/nothing"), VERSION)).await, @r#"404 {"error":{"message":"unknown path: GET /v1/nothing","type":"not_found_error"},"request_id":null,"type":"error"}"#);
    insta::assert_snapshot!(error(&api, &with(get("/v1/models/nobody"), VERSION)).await, @r#"404 {"error":{"message":"model: nobody","type":"not_found_error"},"request_id":null,"type":"error"}"#);
}

#[tokio::test]
async fn messages_rate_limit_headers_have_provider_names() {
    let config =
        "[admission]\nunknown_keys = 'reject'\n[[key]]\nname = 'a'\nsecret = 'sk-a'\nrequests = '2/h'";
    let Weir { api, program: _program } = Weir::start(Setup::new().config(config));
    let request = || messages_request("instant", &json!({}));
    insta::assert_snapshot!(error(&api, &request()).await, @r#"401 {"error":{"message":"x-api-key header is required","type":"authentication_error"},"request_id":null,"type":"error"}"#);
    insta::assert_snapshot!(error(&api, &with(request(), ("x-api-key", "sk-b"))).await, @r#"401 {"error":{"message":"invalid x-api-key","type":"authentication_error"},"request_id":null,"type":"error"}"#);
    for (name, left) in [("x-api-key", "1"), ("authorization", "0")] {
        let key = if name == "authorization" { "Bearer sk-a" } else { "sk-a" };
        let reply = api.send(&with(request(), (name, key))).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("anthropic-ratelimit-requests-limit"), Some("2"));
        assert_eq!(reply.header("anthropic-ratelimit-requests-remaining"), Some(left));
        let reset = reply.header("anthropic-ratelimit-requests-reset").unwrap();
        assert!(reset.len() == 20 && reset.ends_with('Z'), "{reset}");
        assert_eq!(reply.header("x-ratelimit-limit-requests"), None);
    }
    let refused = api.send(&with(request(), ("x-api-key", "sk-a"))).await;
    assert_eq!((refused.status, &refused.json()["error"]["type"]), (429, &json!("rate_limit_error")));
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1_700..=1_800).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn models_list_has_format_of_requested_dialect() {
    let list = shared().send(&with(get("/v1/models?limit=2"), VERSION)).await.json();
    assert_eq!((list["data"][0]["type"].as_str(), list["has_more"].as_bool()), (Some("model"), Some(true)));
    let one = shared().send(&with(get("/v1/models/fast"), VERSION)).await.json();
    assert_eq!((&one["type"], &one["display_name"]), (&json!("model"), &json!("fast")));
    assert_eq!(shared().get("/v1/models/fast").await.json()["object"], "model");
}
