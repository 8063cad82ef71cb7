//! Concurrency limits: permits are released when responses end or clients disconnect.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use weir_wire::Request;

use crate::support::{Reply, Setup, Weir, chat, post};

/// A stream that lasts about a minute.
fn long_stream() -> Request {
    chat("steady", &json!({"stream": true, "max_tokens": 3_000}))
}

fn call(words: &str) -> Request {
    post("/api/llm/steady", &json!({"prompt": words, "max_tokens": 6}))
}

/// A connector to `steady` with one LLM call at a time and one waiting call.
const ONE_CALL: &str = "[connectors]\nsteady = 'steady'\n
[chains]\nmax_concurrent_llm_calls = 1\nmax_waiting_llm_calls = 1";

#[tokio::test]
async fn permit_is_held_until_stream_ends() {
    let Weir { api, program: _program } =
        Weir::start(Setup::new().time_scale("0.5").config("[admission]\nconcurrent = 1"));
    let quick = chat("instant", &json!({"max_tokens": 1}));
    let mut connection = api.connection();
    let mut response = connection.send(&chat("steady", &json!({"stream": true}))).await.unwrap();
    response.chunk().await.unwrap().unwrap();
    let refused = api.send(&quick).await;
    insta::assert_snapshot!(refused.status_and_body(), @r#"429 {"error":{"code":"rate_limit_exceeded","message":"too many requests at once: this key may have 1","param":null,"type":"requests"}}"#);
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(api.health("requests_in_flight").await, 1);

    while response.chunk().await.unwrap().is_some() {}
    api.until_health("requests_in_flight", 0).await;
    assert_eq!(api.send(&quick).await.status, 200);
}

#[tokio::test]
async fn permit_is_released_on_client_disconnect() {
    let Weir { api, program: _program } = Weir::start(Setup::new().config("[admission]\nconcurrent = 2"));
    let begun = Instant::now();
    for left_after in 0..4 {
        let mut connection = api.connection();
        let mut response = connection.send(&long_stream()).await.unwrap();
        for _ in 0..left_after {
            response.chunk().await.unwrap().unwrap();
        }
        assert_eq!(api.health("requests_in_flight").await, 1);
        drop(response);
        api.until_health("requests_in_flight", 0).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(15), "the streams were not cancelled");
    let metrics = api.get("/metrics").await;
    let left = r#"http_requests_total{endpoint="/v1/chat/completions",status="200"} 4"#;
    assert!(metrics.text().contains(left), "{}", metrics.text());
}

#[tokio::test]
async fn llm_calls_over_limit_wait_and_over_queue_return_429() {
    let Weir { api, program: _program } = Weir::start(Setup::new().config(ONE_CALL));
    let request_with = |words: &'static str| {
        let api = api.clone();
        tokio::spawn(async move { api.send(&call(words)).await })
    };
    let first = request_with("one");
    api.until_health("llm_calls_running", 1).await;
    let second = request_with("two");
    api.until_health("llm_calls_waiting", 1).await;
    let refused = api.send(&call("three")).await;
    insta::assert_snapshot!(refused.status_and_body(), @r#"429 {"error":"overloaded: the queue of LLM calls is full: 1 are waiting for a permit","status":"error"}"#);
    assert_eq!(refused.header("retry-after"), Some("1"));

    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert_eq!((first.status, second.status), (200, 200));
    // The second waited for the rest of the first, whose response takes 300 ms.
    let waited = second.server_timing_ms("queue").unwrap();
    assert!(waited > 0.0, "{waited}");
    assert!(second.server_timing_ms("planned_ttft").unwrap() >= waited + 199.0);
    assert!(second.json()["metadata"]["queue_ms"].as_f64().unwrap() > 0.0);
    let limits = |reply: &Reply| reply.limit_waits().into_iter().map(|(limit, _)| limit).collect::<Vec<_>>();
    assert_eq!(
        (limits(&first), limits(&second)),
        (vec![], vec!["chains.max_concurrent_llm_calls".to_owned()])
    );
    assert_eq!((api.health("llm_calls_running").await, api.health("llm_calls_waiting").await), (0, 0));
}

#[tokio::test]
async fn connector_permit_is_released_on_client_disconnect() {
    let Weir { api, program: _program } = Weir::start(Setup::new().config(ONE_CALL));
    let stream = post("/api/llm/steady/stream", &json!({"prompt": "on", "max_tokens": 3_000}));
    let mut connection = api.connection();
    let mut response = connection.send(&stream).await.unwrap();
    response.chunk().await.unwrap().unwrap();
    assert_eq!(api.health("llm_calls_running").await, 1);
    // A waiting call is removed on disconnect, too.
    let waiting = tokio::spawn({
        let api = api.clone();
        async move { api.send(&call("two")).await }
    });
    api.until_health("llm_calls_waiting", 1).await;
    waiting.abort();
    api.until_health("llm_calls_waiting", 0).await;
    drop(response);
    api.until_health("llm_calls_running", 0).await;
    assert_eq!(api.send(&call("three")).await.status, 200);
}

#[tokio::test]
async fn reference_system_variables_set_limits() {
    let setup = Setup::new()
        .time_scale("0.1")
        .variable("MAX_CONCURRENT_LLM_CALLS", "1")
        .variable("ENABLE_PARALLEL_STEPS", "true")
        .variable("WORKER_CONNECTIONS", "2");
    let Weir { api, program: _program } = Weir::start(setup);
    let run = api.post("/api/chains/parallel_processing", &json!({"text": "x"})).await.json();
    assert_eq!(run["metadata"]["parallel"], true);
    // The steps are parallel, but only one LLM call may run: each waits for the previous one.
    let wall = run["metadata"]["elapsed_ms"].as_f64().unwrap();
    assert!(wall >= 3.0 * 80.0, "{run}");

    // Two connections are open: a third is served after one of them has closed.
    let (mut one, mut two, mut three) = (api.connection(), api.connection(), api.connection());
    let health = crate::support::get("/health");
    for connection in [&mut one, &mut two] {
        connection.send(&health).await.unwrap().collect(1 << 20).await.unwrap();
    }
    let mut third = std::pin::pin!(three.send(&health));
    let early = api.clock.timeout(Duration::from_millis(200), third.as_mut()).await;
    assert!(early.is_err(), "a third connection was served");
    drop(one);
    assert_eq!(third.await.unwrap().status(), 200);
}

#[tokio::test]
async fn chain_with_rejected_llm_call_reports_rate_limit() {
    let config = "[chains]\nmax_concurrent_llm_calls = 1\nmax_waiting_llm_calls = 0\nparallel = true";
    let Weir { api, program: _program } = Weir::start(Setup::new().time_scale("0.1").config(config));
    let reply = api.post("/api/chains/parallel_processing", &json!({"text": "x"})).await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("1")));
    let run: Value = reply.json();
    assert_eq!((&run["status"], &run["result"]), (&json!("error"), &Value::Null));
    assert!(run["error"].as_str().unwrap().contains("are waiting for a permit"), "{run}");
    api.until_health("llm_calls_running", 0).await;
}

/// Three parallel steps that may make one LLM call at a time.
const ONE_CALL_A_RUN: &str = "[chains]\nmax_concurrent_llm_calls_per_run = 1\nparallel = true";

#[tokio::test]
async fn chain_that_waits_for_a_limit_names_it_in_header_and_trailer() {
    let Weir { api, program: _program } = Weir::start(Setup::new().time_scale("0.1").config(ONE_CALL_A_RUN));
    let body = json!({"text": "x"});
    let run = api.post("/api/chains/parallel_processing", &body).await;
    let stream = post("/api/chains/parallel_processing/stream", &body);
    let streamed = api.send(&stream.accept_trailers()).await;
    for reply in [&run, &streamed] {
        let waits = reply.limit_waits();
        let [(limit, wait)] = &waits[..] else { panic!("{waits:?}") };
        assert_eq!(limit, "chains.max_concurrent_llm_calls_per_run");
        // The second call waits for the first, the third for both.
        assert!(*wait > 0.0, "{wait}");
    }
    // The next request of the same connection starts from zero.
    let mut connection = api.connection();
    let request = post("/api/chains/parallel_processing", &body);
    Reply::read(connection.send(&request).await.unwrap()).await;
    let quick =
        Reply::read(connection.send(&chat("instant", &json!({"max_tokens": 1}))).await.unwrap()).await;
    assert_eq!((quick.status, quick.limit_waits()), (200, Vec::new()));
}

#[tokio::test]
async fn request_that_waits_for_a_worker_names_the_limit() {
    let Weir { api, program: _program } = Weir::start(Setup::new().config("[server]\nworkers = 1"));
    let mut connection = api.connection();
    let mut first = connection.send(&long_stream()).await.unwrap();
    first.chunk().await.unwrap().unwrap();
    // Answers without planned times have the header too, errors included.
    let invalid = post("/v1/messages/count_tokens", &json!({}));
    let waiting = [chat("instant", &json!({"max_tokens": 1})), invalid].map(|request| {
        let api = api.clone();
        tokio::spawn(async move { api.send(&request).await })
    });
    api.until_health("requests_in_flight", 3).await;
    drop(first);
    drop(connection);
    for (reply, status) in waiting.into_iter().zip([200, 400]) {
        let reply = reply.await.unwrap();
        let waits = reply.limit_waits();
        assert_eq!((reply.status, waits.len()), (status, 1), "{waits:?}");
        assert_eq!(waits[0].0, "server.workers");
    }
}
