//! Response modes and scripts of the simulated model, over all APIs.

use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue};
use insta::assert_snapshot;
use serde_json::{Value, json};
use weir_wire::Request;

use crate::support::{Api, Reply, Setup, Weir, chat, post, shared};

const FAILING: &str = r#"
[model.moody]
inherits = "instant"
source   = "made up"
says     = { script = "moods" }

[[script.moods.rule]]
when  = { user = "Hello", turn = 0 }
error = { status = 429, type = "tokens", code = "slow_down", message = "Too fast.", retry_after = "1500ms" }

[[script.moods.rule]]
error = { status = 529, message = "Not now." }
delay = "5s"

[[script.polite.rule]]
refuse = "I would rather not."

[[script.broken.rule]]
error = { status = 503, code = "too_busy", message = "Not now." }
"#;

fn with_response_mode(request: Request, says: &'static str) -> Request {
    request.with_header(HeaderName::from_static("x-weir-says"), HeaderValue::from_static(says))
}

fn message(text: &str) -> Request {
    let body = json!({"model": "moody", "max_tokens": 50, "messages": [{"role": "user", "content": text}]});
    post("/v1/messages", &body)
        .with_header(HeaderName::from_static("anthropic-version"), HeaderValue::from_static("2023-06-01"))
}

/// The response to an agent's messages.
async fn round(api: &Api, messages: &Value) -> Value {
    let tool = json!({
        "name": "get_weather",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    });
    let body = json!({"model": "scripted-agent", "max_tokens": 200, "tools": [tool], "messages": messages});
    let request = post("/v1/messages", &body)
        .with_header(HeaderName::from_static("anthropic-version"), HeaderValue::from_static("2023-06-01"));
    let reply: Reply = api.send(&request).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

#[tokio::test]
async fn header_x_weir_says_overrides_response_mode() {
    let api = shared();
    let request_with = |says| with_response_mode(chat("instant", &json!({})), says);
    assert_eq!(api.send(&request_with("fixed=Always the same.")).await.words(), "Always the same.");
    let natural = api.send(&chat("instant", &json!({}))).await.words();
    assert_eq!(api.send(&request_with("natural")).await.words(), natural);
    assert_snapshot!(api.send(&request_with("script=weather-agnt")).await.status_and_body(), @r#"400 {"error":{"code":"invalid_header","message":"header x-weir-says: unknown script `weather-agnt` (did you mean `weather-agent`?)","param":null,"type":"invalid_request_error"}}"#);
    assert_snapshot!(api.send(&request_with("loud")).await.status_and_body(), @r#"400 {"error":{"code":"invalid_header","message":"header x-weir-says: expected natural, echo, fixed=TEXT or script=NAME, found \"loud\"","param":null,"type":"invalid_request_error"}}"#);
}

#[tokio::test]
async fn stream_fixed_text_is_sent_token_by_token() {
    let request = with_response_mode(chat("instant", &json!({"stream": true})), "fixed=Always the \"same\".");
    let events = shared().send(&request).await.events();
    let deltas = events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str());
    assert_snapshot!(deltas.collect::<Vec<_>>().join("|"), @r#"|Always| the| "|same|"."#);
    assert_eq!(events.last().unwrap()["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn scripted_agent_loop_completes() {
    let api = shared();
    let question = json!({"role": "user", "content": "Do I need an umbrella?"});
    let first = round(&api, &json!([question])).await;
    assert_eq!(first["stop_reason"], "tool_use");
    assert_eq!(first["content"][0]["text"], "Let me look.");
    let call = &first["content"][1];
    assert_eq!(call["name"], "get_weather");
    assert!(call["input"]["city"].is_string(), "{call}");

    let result = json!({"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": call["id"], "content": "Rain, 7 degrees"},
    ]});
    let answer = json!({"role": "assistant", "content": first["content"]});
    let last = round(&api, &json!([question, answer, result])).await;
    assert_eq!(
        (&last["stop_reason"], &last["content"][0]["text"]),
        (&json!("end_turn"), &json!("Take an umbrella."))
    );
}

#[tokio::test]
async fn scripted_error_has_format_of_each_provider() {
    let server = Weir::start(Setup::new().time_scale("0.01").models(FAILING));
    let api = &server.api;
    let limited = api.send(&message("Hello")).await;
    assert_snapshot!(without_id(&limited), @r#"429 {"error":{"message":"Too fast.","type":"tokens"},"request_id":"ID","type":"error"}"#);
    assert_eq!((limited.header("retry-after"), limited.header("retry-after-ms")), (Some("2"), Some("1500")));
    let start = Instant::now();
    let overloaded = api.send(&message("What?")).await;
    assert!(start.elapsed() >= Duration::from_millis(50), "5 s, a hundredth of it");
    assert_snapshot!(without_id(&overloaded), @r#"529 {"error":{"message":"Not now.","type":"overloaded_error"},"request_id":"ID","type":"error"}"#);

    let polite = with_response_mode(chat("moody", &json!({})), "script=polite");
    let refused = api.send(&polite).await.json();
    assert_snapshot!(refused["choices"][0]["message"], @r#"{"content":null,"refusal":"I would rather not.","role":"assistant"}"#);
    let scripted = with_response_mode(chat("instant", &json!({})), "script=broken");
    assert_snapshot!(api.send(&scripted).await.status_and_body(), @r#"503 {"error":{"code":"too_busy","message":"Not now.","param":null,"type":"server_error"}}"#);
}

fn without_id(reply: &Reply) -> String {
    let mut body = reply.json();
    body["request_id"] = json!("ID");
    format!("{} {body}", reply.status)
}
