//! Models whose calls share the steps of a replica.

use std::time::Duration;

use serde_json::{Value, json};
use weir_wire::Request;

use crate::support::{Setup, Weir, chat, get, post};

/// One call at a time, and one that waits; a step takes 5 ms for a prompt and 4 ms for a token.
const ONE_PLACE: &str = "[model.batched]
source  = 'a test'
context = 8192

[model.batched.engine.batching]
max_num_seqs   = 1
max_waiting    = 1
num_gpu_blocks = 1000
block_size     = 16
step           = { prefill = { polynomial_ms = [5, 0.001] }, decode = { polynomial_ms = [4] } }
";

fn start() -> Weir {
    Weir::start(Setup::new().models(ONE_PLACE))
}

fn message(max_tokens: u32, stream: bool) -> Request {
    let messages = json!([{"role": "user", "content": "Hello there"}]);
    let body = json!({"model": "batched", "max_tokens": max_tokens, "stream": stream, "messages": messages});
    let mut request = post("/v1/messages", &body);
    request.headers.insert("anthropic-version", "2023-06-01".parse().unwrap());
    request
}

/// A request of each API.
fn requests(stream: bool) -> Vec<Request> {
    let body = |fields: Value| {
        let mut body = json!({"model": "batched", "stream": stream});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        body
    };
    let mut requests = vec![
        chat("batched", &json!({"max_tokens": 20, "stream": stream})),
        message(20, stream),
        post("/v1/completions", &body(json!({"prompt": "Hello", "max_tokens": 20}))),
        post("/v1/responses", &body(json!({"input": "Hello", "max_output_tokens": 20}))),
        chat("batched", &json!({"max_tokens": 20, "stream": stream, "n": 3})),
    ];
    if !stream {
        requests.push(post("/v1/embeddings", &json!({"model": "batched", "input": "Hello"})));
    }
    requests
}

#[tokio::test]
async fn every_api_delivers_the_answers_of_a_batching_model() {
    let weir = start();
    for (stream, request) in [false, true]
        .into_iter()
        .flat_map(|stream| requests(stream).into_iter().map(move |request| (stream, request)))
    {
        let path = request.path_and_query.to_string();
        let reply = weir.api.send(&request.accept_trailers()).await;
        assert_eq!(reply.status, 200, "{path} {}", reply.text());
        let timing_ms = |name| reply.server_timing_ms(name).unwrap_or_else(|| panic!("{path}: {name}"));
        assert!(timing_ms("prefill") >= 5.0 && timing_ms("queue") < timing_ms("planned_ttft"), "{path}");
        if !path.ends_with("embeddings") {
            let gaps = timing_ms("planned_total") - timing_ms("planned_ttft");
            assert!((gaps - 19.0 * 4.0).abs() < 0.01, "{path}: {gaps}");
        }
        assert!(timing_ms("delivered_total") >= timing_ms("planned_total") - 0.05, "{path}");
        if stream {
            assert!(timing_ms("delivered_ttft") >= timing_ms("planned_ttft") - 0.05, "{path}");
            assert!(reply.text().matches("data: {").count() >= 20, "{path}: {}", reply.text());
        }
    }
}

#[tokio::test]
async fn full_queue_is_refused_and_dropped_client_frees_its_place() {
    let Weir { api, program: _program } = start();
    let long = chat("batched", &json!({"max_tokens": 4_000, "stream": true}));
    let mut connection = api.connection();
    let mut running = connection.send(&long).await.unwrap();
    let ends = running.timestamps().started + Duration::from_secs(16);
    for _ in 0..2 {
        running.chunk().await.unwrap().unwrap();
    }
    // The events before its first token come while it waits.
    let mut waiting_connection = api.connection();
    let next = json!({"model": "batched", "input": "Hello", "max_output_tokens": 20, "stream": true});
    let mut waiting = waiting_connection.send(&post("/v1/responses", &next)).await.unwrap();
    let mut events = waiting.chunk().await.unwrap().unwrap().bytes.to_vec();
    let metrics = api.get("/metrics").await.text().to_owned();
    for expected in ["vllm:num_requests_running", "vllm:num_requests_waiting"] {
        let expected = format!("{expected}{{model_name=\"batched\",engine=\"0\"}} 1");
        assert!(metrics.contains(&expected), "{expected} is not in\n{metrics}");
    }
    // 16 s of tokens are left.
    let reply = api.send(&message(1, false)).await;
    assert_eq!((reply.status, &reply.json()["error"]["type"]), (529, &json!("overloaded_error")));
    let reply = api.send(&chat("batched", &json!({"max_tokens": 1}))).await;
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (503, &json!("server_overloaded")));
    let retry_after: u32 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=16).contains(&retry_after), "{retry_after}");
    drop(running);
    drop(connection);
    while let Some(chunk) = waiting.chunk().await.unwrap() {
        events.extend_from_slice(&chunk.bytes);
    }
    let events = String::from_utf8(events).unwrap();
    assert!(events.contains("event: response.incomplete"), "{events}");
    assert!(waiting.timestamps().end.unwrap() < ends);
}

#[tokio::test]
async fn usage_reports_the_tokens_that_were_in_the_prefix_cache() {
    let weir = start();
    let words: Vec<String> = (0..400).map(|word| format!("word{word:04}")).collect();
    let ask = |question: &str| {
        let content = format!("{} {question}", words.join(" "));
        chat("batched", &json!({"max_tokens": 2, "messages": [{"role": "user", "content": content}]}))
    };
    let mut cached = Vec::new();
    for question in ["Why?", "Why?", "How deep is it?"] {
        let usage = weir.api.send(&ask(question)).await.json()["usage"].clone();
        let tokens = usage["prompt_tokens"].as_u64().unwrap();
        let read = usage["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap();
        assert!(read < tokens && read % 16 == 0, "{usage}");
        cached.push(read as f64 / tokens as f64);
    }
    assert!(cached[0] == 0.0 && cached[1] > 0.9 && cached[2] > 0.9, "{cached:?}");
}

#[tokio::test]
async fn background_response_is_completed_without_a_client() {
    let weir = start();
    let body = json!({"model": "batched", "input": "Hello", "max_output_tokens": 100, "background": true});
    let created = weir.api.send(&post("/v1/responses", &body)).await.json();
    let path = format!("/v1/responses/{}", created["id"].as_str().unwrap());
    let mut statuses = vec![created["status"].clone()];
    while !["completed", "incomplete"].map(Value::from).contains(statuses.last().unwrap()) {
        assert!(statuses.len() < 1_000, "{statuses:?}");
        weir.api.clock.sleep(Duration::from_millis(20)).await;
        statuses.push(weir.api.send(&get(&path)).await.json()["status"].clone());
    }
    statuses.dedup();
    assert_eq!(statuses, ["queued", "in_progress", "incomplete"]);
}
