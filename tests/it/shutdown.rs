//! Start and shutdown of a server.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;

use crate::support::{Raw, Setup, Weir, chat, events};

/// Longer than any shutdown in these tests.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);
/// The tokens of `steady`'s responses in these tests: 0.2 s, and half a second at 50 tokens per second.
const TOKENS: usize = 25;

fn stream(tokens: usize) -> weir_wire::Request {
    chat("steady", &json!({"stream": true, "max_tokens": tokens}))
}

/// Waits until new connections are refused: immediately, or as soon as a signal has been handled.
async fn until_draining(weir: &Weir) {
    let start = Instant::now();
    while Raw::connect(&weir.api).await.is_ok() {
        assert!(start.elapsed() < SHUTDOWN_TIMEOUT, "new connections are still accepted");
        weir.api.clock.sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn sigterm_drains_streams_and_rejects_new_clients() {
    let mut weir = Weir::start(Setup::new());
    let mut connection = weir.api.connection();
    let mut response = connection.send(&stream(TOKENS)).await.unwrap();
    let mut body = response.chunk().await.unwrap().unwrap().bytes.to_vec();
    weir.program.signal(Signal::TERM);
    until_draining(&weir).await;
    while let Some(chunk) = response.chunk().await.unwrap() {
        body.extend_from_slice(&chunk.bytes);
    }
    let body = body.strip_suffix(b"data: [DONE]\n\n").expect("the stream ends whole");
    assert_eq!(events(body).len(), 1 + TOKENS + 1);
    assert_eq!(weir.ended(SHUTDOWN_TIMEOUT).await, Some(0));
}

#[tokio::test]
async fn sigterm_stream_longer_than_drain_is_cut() {
    let mut weir = Weir::start(Setup::new().variable("WEIR_SERVER_DRAIN", "0.2"));
    let mut connection = weir.api.connection();
    let mut response = connection.send(&stream(3_000)).await.unwrap();
    response.chunk().await.unwrap().unwrap();
    weir.program.signal(Signal::TERM);
    let cut = loop {
        match response.chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the stream ended as if it were whole"),
            Err(cut) => break cut,
        }
    };
    assert!(
        matches!(cut, weir_wire::RequestError::Truncated { .. } | weir_wire::RequestError::Reset { .. }),
        "{cut}"
    );
    assert_eq!(weir.ended(SHUTDOWN_TIMEOUT).await, Some(0));
}

#[tokio::test]
async fn second_sigterm_exits_immediately() {
    // A drain time of a minute, which is not used up.
    let mut weir = Weir::start(Setup::new().variable("WEIR_SERVER_DRAIN", "60"));
    let mut connection = weir.api.connection();
    let mut response = connection.send(&stream(3_000)).await.unwrap();
    response.chunk().await.unwrap().unwrap();
    weir.program.signal(Signal::INT);
    // A second signal before the first one is handled would be the same signal.
    until_draining(&weir).await;
    assert_eq!(weir.program.exit_status(), None, "once is a request");
    weir.program.signal(Signal::INT);
    assert_eq!(weir.ended(SHUTDOWN_TIMEOUT).await, Some(0));
}

#[tokio::test]
async fn sigterm_right_after_start_exits_cleanly() {
    let mut weir = Weir::start(Setup::new());
    weir.program.signal(Signal::TERM);
    assert_eq!(weir.ended(SHUTDOWN_TIMEOUT).await, Some(0));
}

#[tokio::test]
async fn sigterm_with_idle_connection_exits_without_delay() {
    let mut weir = Weir::start(Setup::new().variable("WEIR_SERVER_DRAIN", "60"));
    let mut connection = weir.api.connection();
    connection.send(&crate::support::get("/health")).await.unwrap().collect(1 << 20).await.unwrap();
    let _silent = Raw::connect(&weir.api).await.unwrap();
    weir.program.signal(Signal::TERM);
    assert_eq!(weir.ended(SHUTDOWN_TIMEOUT).await, Some(0));
}

#[tokio::test]
async fn stdin_closed_with_flag_exits() {
    let mut weir = Weir::start(Setup::new());
    assert_eq!(weir.api.get("/health").await.status, 200);
    assert_eq!(weir.program.exit_status(), None);
    weir.program.close_stdin();
    assert_eq!(weir.ended(SHUTDOWN_TIMEOUT).await, Some(0));
}

#[tokio::test]
async fn stdin_closed_without_flag_keeps_serving() {
    let mut weir = Weir::start(Setup::ignoring_stdin());
    weir.program.close_stdin();
    weir.api.clock.sleep(Duration::from_millis(300)).await;
    assert_eq!(weir.program.exit_status(), None);
    assert_eq!(weir.api.get("/health").await.status, 200);
}
