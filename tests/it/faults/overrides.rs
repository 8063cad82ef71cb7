//! What single requests override by headers.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{messages, stream, with};
use crate::support::{Setup, Weir, chat, post, shared};

#[tokio::test]
async fn delays_are_those_of_the_headers() {
    let weir = Weir::start(Setup::new());
    let plain = chat("gpt-4o-mini", &json!({"max_tokens": 5}));
    let begun = Instant::now();
    let reply = weir.api.send(&with(with(plain, "x-weir-ttft", "80ms"), "x-weir-itl", "20ms")).await;
    assert!(begun.elapsed() >= Duration::from_millis(160));
    assert_eq!(reply.server_timing_ms("planned_ttft"), Some(80.0));
    assert_eq!(reply.server_timing_ms("planned_total"), Some(160.0));
    let spread = with(stream(), "x-weir-ttft", r#"{ between = ["10ms", "30ms"] }"#);
    let reply = weir.api.send(&with(spread, "te", "trailers")).await;
    let planned = reply.server_timing_ms("planned_ttft").unwrap();
    assert!((10.0..30.0).contains(&planned), "{planned}");
}

#[tokio::test]
async fn tokens_are_the_length_of_text() {
    let tokens = |fields| async move {
        let reply = shared().send(&with(chat("instant", &fields), "x-weir-tokens", "7")).await.json();
        let reason = reply["choices"][0]["finish_reason"].as_str().unwrap().to_owned();
        (reply["usage"]["completion_tokens"].as_u64().unwrap(), reason)
    };
    assert_eq!(tokens(json!({})).await, (7, "stop".to_owned()));
    assert_eq!(tokens(json!({"max_tokens": 100})).await, (7, "stop".to_owned()));
    assert_eq!(tokens(json!({"max_tokens": 3})).await, (3, "length".to_owned()));
    let body = json!({"model": "instant", "max_tokens": 100, "messages": [{"role": "user", "content": "a"}]});
    let message = shared().send(&with(messages(&body), "x-weir-tokens", "7")).await.json();
    assert_eq!(
        (&message["usage"]["output_tokens"], &message["stop_reason"]),
        (&json!(7), &json!("end_turn"))
    );
}

#[tokio::test]
async fn seed_decides_the_text() {
    let words = |seed| async move {
        let request = chat("instant", &json!({"max_tokens": 20}));
        shared().send(&with(request, "x-weir-seed", seed)).await.words()
    };
    let (one, again, two) = (words("1").await, words("1").await, words("2").await);
    assert_eq!(one, again);
    assert_ne!(one, two);
}

#[tokio::test]
async fn invalid_override_is_400_in_the_form_of_the_api() {
    let chat = chat("instant", &json!({}));
    let refused = |request, name, value| async move {
        shared().send(&with(request, name, value)).await.status_and_body()
    };
    insta::assert_snapshot!(refused(chat.clone(), "x-weir-ttft", "fast").await, @r#"400 {"error":{"code":"invalid_header","message":"header x-weir-ttft: \"fast\" is not a valid duration; write a number with a unit, such as \"250ms\" or \"1m30s\"","param":null,"type":"invalid_request_error"}}"#);
    insta::assert_snapshot!(refused(chat.clone(), "x-weir-tokens", "-1").await, @r#"400 {"error":{"code":"invalid_header","message":"header x-weir-tokens: expected a whole number from 1 to 1000000, found \"-1\"","param":null,"type":"invalid_request_error"}}"#);
    insta::assert_snapshot!(refused(chat.clone(), "x-weir-fault", "stal; after=5").await, @r#"400 {"error":{"code":"invalid_header","message":"header x-weir-fault: unknown fault `stal` (did you mean `stall`?)","param":null,"type":"invalid_request_error"}}"#);
    insta::assert_snapshot!(refused(chat.clone(), "x-weir-fault", "refuse").await, @r#"400 {"error":{"code":"invalid_header","message":"header x-weir-fault: the fault `refuse` concerns new connections: only rules in the settings can ask for it","param":null,"type":"invalid_request_error"}}"#);
    insta::assert_snapshot!(refused(chat.clone(), "x-weir-fault", "stall").await, @r#"400 {"error":{"code":"invalid_header","message":"header x-weir-fault: the fault `stall` needs a stream, and the request asks for none","param":null,"type":"invalid_request_error"}}"#);
    insta::assert_snapshot!(refused(chat, "x-weir-tokns", "1").await, @r#"400 {"error":{"code":"invalid_header","message":"header x-weir-tokns: unknown override (did you mean `x-weir-tokens`?)","param":null,"type":"invalid_request_error"}}"#);
    let message = post("/v1/messages", &json!({}));
    let message = shared().send(&with(message, "x-weir-itl", "5")).await;
    assert_eq!(message.status, 400);
    assert_eq!(message.json()["error"]["type"], "invalid_request_error");
}

#[tokio::test]
async fn override_of_other_clients_is_403() {
    let weir = Weir::start(Setup::new().config("[server]\noverrides = 'nobody'"));
    for (name, value) in [("x-weir-ttft", "1ms"), ("x-weir-fault", "reset"), ("x-weir-seed", "x")] {
        let reply = weir.api.send(&with(stream(), name, value)).await;
        assert_eq!(reply.status, 403, "{name}");
        let message = reply.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with(&format!("header {name}: ")), "{message}");
    }
    // Any client may choose the response mode.
    let request = with(chat("instant", &json!({})), "x-weir-says", "fixed=Yes");
    assert_eq!(weir.api.send(&request).await.words(), "Yes");
}

#[tokio::test]
async fn preflight_allows_the_headers() {
    let headers = "x-weir-ttft, x-weir-fault";
    let mut request = weir_wire::Request::new(http::Method::OPTIONS, "/v1/chat/completions".parse().unwrap());
    for (name, value) in [
        ("origin", "http://localhost:5173"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", headers),
    ] {
        request = with(request, name, value);
    }
    let reply = shared().send(&request).await;
    assert_eq!((reply.status, reply.header("access-control-allow-headers")), (204, Some(headers)));
}
