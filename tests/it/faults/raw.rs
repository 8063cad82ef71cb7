//! Every fault of the catalogue, as the bytes of its answer.

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use weir_wire::Request;

use super::{faulty, stream, streams, with};
use crate::support::{Api, Reply, Setup, Weir, chat, events, post, shared};

const MARKS: [&str; 3] = ["data: [DONE]\n\n", "event: message_stop\n", "event: response.completed\n"];
const TIMEOUT: Duration = Duration::from_secs(10);

/// What a connection received for a chat stream with a fault, and how it ended.
async fn raw_stream(api: &Api, fault: &str) -> (String, Result<(), ErrorKind>) {
    let body =
        r#"{"model":"instant","messages":[{"role":"user","content":"Hi"}],"max_tokens":10,"stream":true}"#;
    let mut connection = TcpStream::connect(api.address).await.unwrap();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         x-weir-fault: {fault}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    let read = api.clock.timeout(TIMEOUT, connection.read_to_end(&mut received)).await.expect("an end");
    (String::from_utf8(received).unwrap(), read.map(drop).map_err(|error| error.kind()))
}

#[tokio::test]
async fn connection_ends_before_the_answer() {
    assert_eq!(raw_stream(&shared(), "reset").await, (String::new(), Err(ErrorKind::ConnectionReset)));
    assert_eq!(raw_stream(&shared(), "disconnect").await, (String::new(), Ok(())));
}

#[tokio::test]
async fn connection_ends_within_a_stream() {
    for (fault, end) in [("reset; after=3", Err(ErrorKind::ConnectionReset)), ("disconnect; after=3", Ok(()))]
    {
        let (received, ended) = raw_stream(&shared(), fault).await;
        assert!(received.starts_with("HTTP/1.1 200 OK\r\n"), "{fault}: {received}");
        // The role, and three tokens.
        assert_eq!(received.matches("data: {").count(), 4, "{fault}: {received}");
        assert!(!received.ends_with("\r\n0\r\n\r\n") && !received.contains("[DONE]"), "{fault}: {received}");
        assert_eq!(ended, end, "{fault}");
    }
}

#[tokio::test]
async fn truncated_stream_of_each_api_ends_well_without_its_mark() {
    let (received, ended) = raw_stream(&shared(), "truncate; after=3").await;
    assert!(received.ends_with("\r\n0\r\n\r\n") && !received.contains("[DONE]"), "{received}");
    assert_eq!((received.matches("data: {").count(), ended), (4, Ok(())));
    for (name, request) in streams() {
        let whole = shared().send(&request).await;
        assert!(MARKS.iter().any(|mark| whole.text().contains(mark)), "{name}: {}", whole.text());
        let cut = shared().send(&faulty(request, "truncate; after=1")).await;
        assert_eq!((cut.status, cut.header("content-type")), (200, Some("text/event-stream")), "{name}");
        assert!(!MARKS.iter().any(|mark| cut.text().contains(mark)), "{name}: {}", cut.text());
        assert!(cut.body.len() < whole.body.len() && !cut.body.is_empty(), "{name}: {}", cut.text());
    }
}

#[tokio::test]
async fn status_has_the_form_of_the_api() {
    let plain = |path: &str, body: Value| post(path, &body);
    let mut forms = Vec::new();
    for (path, request) in [
        ("chat", chat("instant", &json!({}))),
        ("embeddings", plain("/v1/embeddings", json!({"model": "m", "input": "a"}))),
        ("messages", plain("/v1/messages", json!({"model": "instant", "max_tokens": 1, "messages": []}))),
        ("tokenize", plain("/tokenize", json!({"prompt": "a"}))),
        ("chains", plain("/api/chains/summarize_text", json!({"text": "a"}))),
    ] {
        let reply = shared().send(&faulty(request, "status=503; retry_after=1500ms; message=down")).await;
        assert_eq!((reply.header("retry-after"), reply.header("retry-after-ms")), (Some("2"), Some("1500")));
        assert_eq!(reply.header("server-timing"), Some("fault;desc=\"status\""), "{path}");
        let mut body = reply.json();
        if body.get("request_id").is_some() {
            body["request_id"] = json!("req_");
        }
        forms.push(format!("{path}: {} {body}", reply.status));
    }
    insta::assert_snapshot!(forms.join("\n"), @r#"
    chat: 503 {"error":{"code":"server_overloaded","message":"down","param":null,"type":"server_error"}}
    embeddings: 503 {"error":{"code":"server_overloaded","message":"down","param":null,"type":"server_error"}}
    messages: 503 {"error":{"message":"down","type":"overloaded_error"},"request_id":"req_","type":"error"}
    tokenize: 503 {"error":{"code":"server_overloaded","message":"down","param":null,"type":"server_error"}}
    chains: 503 {"error":"down","status":"error"}
    "#);
    let overloaded = faulty(plain("/v1/messages", json!({})), "status=529; message=Overloaded");
    let reply = shared().send(&overloaded).await;
    assert_eq!((reply.status, &reply.json()["error"]["type"]), (529, &json!("overloaded_error")));
    assert_eq!(reply.header("retry-after"), None);
}

#[tokio::test]
async fn error_event_has_the_form_of_the_api() {
    let mut last = Vec::new();
    for (name, request) in streams() {
        let reply = shared().send(&faulty(request, "error_event; after=1; message=down")).await;
        let text = reply.text().trim_end();
        let mut event = text.rsplit("\n\n").next().unwrap().to_owned();
        if let Some(at) = event.find("req_") {
            let end = at + event[at..].find('"').unwrap();
            event.replace_range(at..end, "req_");
        }
        last.push(format!("{name}: {event}"));
    }
    insta::assert_snapshot!(last.join("\n"), @r#"
    chat: data: {"error":{"code":null,"message":"down","param":null,"type":"server_error"}}
    completions: data: {"error":{"code":null,"message":"down","param":null,"type":"server_error"}}
    responses: event: error
    data: {"code":"server_error","message":"down","param":null,"sequence_number":5,"type":"error"}
    messages: event: error
    data: {"error":{"message":"down","type":"overloaded_error"},"request_id":"req_","type":"error"}
    chains: data: {"error":"down","status":"error"}
    "#);
}

#[tokio::test]
async fn malformed_event_is_the_only_one() {
    for (name, request) in streams() {
        let reply = shared().send(&faulty(request, "malformed; after=1")).await;
        let data = reply.text().lines().filter_map(|line| line.strip_prefix("data: "));
        let broken: Vec<_> =
            data.filter(|data| *data != "[DONE]" && serde_json::from_str::<Value>(data).is_err()).collect();
        assert_eq!(broken.len(), 1, "{name}: {broken:?}");
        assert!(MARKS.iter().any(|mark| reply.text().contains(mark)), "{name}");
    }
}

/// The texts of the deltas of a chat stream.
fn deltas(reply: &Reply) -> Vec<String> {
    let content = |event: &Value| Some(event["choices"][0]["delta"]["content"].as_str()?.to_owned());
    reply.events().iter().filter_map(content).filter(|text| !text.is_empty()).collect()
}

#[tokio::test]
async fn duplicated_and_reordered_events_keep_all_others() {
    let usual = deltas(&shared().send(&stream()).await);
    assert_eq!(usual.len(), 10);
    let twice = deltas(&shared().send(&faulty(stream(), "duplicate; after=4")).await);
    let expected: Vec<_> = usual[..5].iter().chain(&usual[4..]).cloned().collect();
    assert_eq!(twice, expected);
    let swapped = deltas(&shared().send(&faulty(stream(), "reorder; after=4")).await);
    let mut expected = usual;
    expected.swap(4, 5);
    assert_eq!(swapped, expected);
}

#[tokio::test]
async fn usage_is_missing_or_wrong() {
    let plain = chat("instant", &json!({"max_tokens": 4}));
    let usual = shared().send(&plain).await.json()["usage"].clone();
    let missing = shared().send(&faulty(plain.clone(), "usage=missing")).await;
    assert!(missing.json().get("usage").is_none() && missing.json()["choices"].is_array());
    let wrong = shared().send(&faulty(plain, "usage=wrong")).await.json()["usage"].clone();
    let number = |usage: &Value, name: &str| usage[name].as_u64().unwrap();
    assert_eq!(number(&wrong, "total_tokens"), 2 * number(&usual, "total_tokens") + 1);
    assert_ne!(
        number(&wrong, "total_tokens"),
        number(&wrong, "prompt_tokens") + number(&wrong, "completion_tokens")
    );
    let fields = json!({"stream": true, "max_tokens": 4, "stream_options": {"include_usage": true}});
    let streamed = shared().send(&faulty(chat("instant", &fields), "usage=missing")).await;
    assert!(streamed.events().iter().all(|event| !event["usage"].is_object()), "{}", streamed.text());
    for (name, request) in streams().into_iter().filter(|(name, _)| ["messages", "responses"].contains(name))
    {
        let reply = shared().send(&faulty(request, "usage")).await;
        assert!(!reply.text().contains("\"usage\":{"), "{name}: {}", reply.text());
    }
}

#[tokio::test]
async fn content_type_is_another() {
    for request in [stream(), chat("instant", &json!({"max_tokens": 1}))] {
        let reply = shared().send(&faulty(request, "content_type=text/plain")).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/plain")));
    }
}

#[tokio::test]
async fn delay_moves_the_whole_answer() {
    let weir = Weir::start(Setup::new());
    let plain = chat("instant", &json!({"max_tokens": 2}));
    for request in [stream(), plain] {
        let begun = Instant::now();
        let reply = weir.api.send(&with(faulty(request, "delay=300ms"), "te", "trailers")).await;
        assert_eq!(reply.status, 200);
        assert!(begun.elapsed() >= Duration::from_millis(300));
        let planned = reply.server_timing_ms("planned_ttft").unwrap();
        assert!((300.0..310.0).contains(&planned), "{planned}");
        let faults =
            reply.headers.get_all("server-timing").iter().any(|value| value == "fault;desc=\"delay\"");
        assert!(faults, "{:?}", reply.headers);
    }
}

#[tokio::test]
async fn stall_is_a_gap_and_is_named_in_trailers() {
    let weir = Weir::start(Setup::new());
    let begun = Instant::now();
    let reply = weir.api.send(&with(faulty(stream(), "stall; after=5; for=300ms"), "te", "trailers")).await;
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert_eq!(deltas(&reply).len(), 10);
    let trailers = reply.trailers.as_ref().unwrap();
    assert!(
        trailers.get_all("server-timing").iter().any(|value| value == "fault;desc=\"stall\""),
        "{trailers:?}"
    );
    // The end was planned at once, and delivered after the stall.
    assert!(reply.server_timing_ms("delivered_total").unwrap() >= 300.0);
}

#[tokio::test]
async fn trickle_delivers_the_same_bytes_slowly() {
    let weir = Weir::start(Setup::new());
    let plain = chat("instant", &json!({"max_tokens": 8}));
    let text = weir.api.send(&plain).await.words();
    let begun = Instant::now();
    let reply = weir.api.send(&faulty(plain, "trickle; bytes=50; every=20ms")).await;
    assert_eq!(reply.words(), text);
    let pieces = reply.body.len().div_ceil(50) as u32;
    assert!(begun.elapsed() >= (pieces - 1) * Duration::from_millis(20));
    let streamed = weir.api.send(&faulty(stream(), "trickle; bytes=200; every=1ms")).await;
    assert_eq!(deltas(&streamed).len(), 10);
}

#[tokio::test]
async fn no_answer_lasts_until_the_client_leaves() {
    let weir = Weir::start(Setup::new());
    let mut connection = weir.api.connection();
    let request = faulty(stream(), "no_answer");
    let sending = tokio::spawn(async move { connection.send(&request).await.is_ok() });
    weir.api.until_health("requests_in_flight", 1).await;
    weir.api.clock.sleep(Duration::from_millis(300)).await;
    assert!(!sending.is_finished(), "an answer");
    sending.abort();
    weir.api.until_health("requests_in_flight", 0).await;
}

/// Requests on the same connection, after a fault that keeps it.
#[tokio::test]
async fn connection_survives_faults_of_answers() {
    let mut connection = shared().connection();
    for fault in ["status=500", "truncate; after=1", "usage", "content_type", "malformed"] {
        let reply = Reply::read(connection.send(&faulty(stream(), fault)).await.unwrap()).await;
        assert!(!reply.body.is_empty(), "{fault}");
        let usual: Request = stream();
        assert_eq!(Reply::read(connection.send(&usual).await.unwrap()).await.events().len(), 12, "{fault}");
    }
}

#[tokio::test]
async fn guards_are_released_after_every_fault() {
    let weir = Weir::start(Setup::new().config("[admission]\nconcurrent = 1"));
    for fault in
        ["reset", "reset; after=1", "disconnect; after=1", "truncate; after=1", "error_event", "status"]
    {
        let sent = raw_stream(&weir.api, fault).await;
        weir.api.until_health("requests_in_flight", 0).await;
        assert_eq!(weir.api.send(&stream()).await.status, 200, "{fault}: {sent:?}");
    }
    let metrics = weir.api.get("/metrics").await;
    for line in [
        r#"faults_total{fault="reset"} 2"#,
        r#"faults_total{fault="disconnect"} 1"#,
        r#"faults_total{fault="truncate"} 1"#,
        r#"http_requests_total{endpoint="/v1/chat/completions",status="444"} 1"#,
    ] {
        assert!(metrics.text().contains(line), "{line}: {}", metrics.text());
    }
}

/// curl names each failure by its exit code.
#[test]
fn curl_sees_what_happened() {
    let Ok(version) = std::process::Command::new("curl").arg("--version").output() else { return };
    assert!(version.status.success());
    let url = format!("http://{}/v1/chat/completions", shared_address());
    let body =
        r#"{"model":"instant","messages":[{"role":"user","content":"Hi"}],"stream":true,"max_tokens":10}"#;
    for (fault, code) in [
        // Empty reply; failure in receiving; partial file.
        ("disconnect", 52),
        ("reset; after=3", 56),
        ("disconnect; after=3", 18),
        ("truncate; after=3", 0),
        ("no_answer", 28),
    ] {
        let header = format!("x-weir-fault: {fault}");
        let output = std::process::Command::new("curl")
            .args([
                "-sS",
                "--max-time",
                "2",
                &url,
                "-H",
                "content-type: application/json",
                "-H",
                &header,
                "-d",
                body,
            ])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{fault}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

fn shared_address() -> std::net::SocketAddr {
    tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap()
        .block_on(async { shared().address })
}

#[tokio::test]
async fn events_of_a_stream_with_a_share_are_cut_at_that_share() {
    let reply = shared().send(&faulty(stream(), "truncate; after=30%")).await;
    // The role, and three of ten tokens.
    assert_eq!(events(&reply.body).len(), 4);
}

/// Events of four tokens, after a reasoning of 40 tokens that clients do not receive.
const FEW_EVENTS: &str = "[model.few]
source           = 'a test'
ttft             = '0s'
itl              = '0s'
tokens_per_event = 4
reasoning        = { tokens = 40, default_effort = 'medium', shown = false }
";

#[tokio::test]
async fn share_of_a_stream_is_of_the_events_that_the_client_receives() {
    let Weir { api, program: _program } = Weir::start(Setup::new().models(FEW_EVENTS));
    let request = chat("few", &json!({"max_tokens": 80, "stream": true}));
    let with_content = |reply: &Reply| reply.text().matches("\"content\":\"").count();
    let whole = with_content(&api.send(&request).await);
    let cut = api.send(&faulty(request, "truncate; after=50%")).await;
    // The first event has the role, and empty content.
    assert_eq!((whole, with_content(&cut)), (1 + 10, 1 + 5));
}
