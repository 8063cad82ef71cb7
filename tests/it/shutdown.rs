//! How a server begins and ends.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;

use crate::support::{Raw, Setup, Weir, chat, events};

/// Longer than any end of these tests should take.
const SOON: Duration = Duration::from_secs(10);
/// The words of `steady`'s answers in these tests: at 50 a second, 0.2 s and half a second.
const TOKENS: usize = 25;

fn stream(tokens: usize) -> weir_wire::Request {
    chat("steady", &json!({"stream": true, "max_tokens": tokens}))
}

#[tokio::test]
async fn asked_to_end_it_lets_streams_finish_and_takes_no_new_clients() {
    let mut weir = Weir::start(Setup::new());
    let mut connection = weir.api.connection();
    let mut response = connection.send(&stream(TOKENS)).await.unwrap();
    let mut body = response.chunk().await.unwrap().unwrap().bytes.to_vec();
    weir.program.signal(Signal::TERM);

    // Refused at once, or as soon as the signal has come through.
    let start = Instant::now();
    while Raw::connect(&weir.api).await.is_ok() {
        assert!(start.elapsed() < SOON, "new connections are still accepted");
        weir.api.clock.sleep(Duration::from_millis(5)).await;
    }
    while let Some(chunk) = response.chunk().await.unwrap() {
        body.extend_from_slice(&chunk.bytes);
    }
    let body = body.strip_suffix(b"data: [DONE]\n\n").expect("the stream ends whole");
    assert_eq!(events(body).len(), 1 + TOKENS + 1);
    assert_eq!(weir.ended(SOON).await, Some(0));
}

#[tokio::test]
async fn a_stream_longer_than_the_grace_period_is_cut() {
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
    assert_eq!(weir.ended(SOON).await, Some(0));
}

#[tokio::test]
async fn asked_twice_it_ends_at_once() {
    // A minute of grace, which nobody waits for.
    let mut weir = Weir::start(Setup::new().variable("WEIR_SERVER_DRAIN", "60"));
    let mut connection = weir.api.connection();
    let mut response = connection.send(&stream(3_000)).await.unwrap();
    response.chunk().await.unwrap().unwrap();
    weir.program.signal(Signal::INT);
    weir.api.clock.sleep(Duration::from_millis(200)).await;
    assert_eq!(weir.program.exit_status(), None, "once is a request");
    weir.program.signal(Signal::INT);
    assert_eq!(weir.ended(SOON).await, Some(0));
}

#[tokio::test]
async fn it_can_be_asked_as_soon_as_it_says_where_it_listens() {
    let mut weir = Weir::start(Setup::new());
    weir.program.signal(Signal::TERM);
    assert_eq!(weir.ended(SOON).await, Some(0));
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_it_up() {
    let mut weir = Weir::start(Setup::new().variable("WEIR_SERVER_DRAIN", "60"));
    let mut connection = weir.api.connection();
    connection.send(&crate::support::get("/health")).await.unwrap().collect(1 << 20).await.unwrap();
    let _silent = Raw::connect(&weir.api).await.unwrap();
    weir.program.signal(Signal::TERM);
    assert_eq!(weir.ended(SOON).await, Some(0));
}

#[tokio::test]
async fn it_ends_when_its_stdin_closes() {
    let mut weir = Weir::start(Setup::new());
    assert_eq!(weir.api.get("/health").await.status, 200);
    assert_eq!(weir.program.exit_status(), None);
    weir.program.close_stdin();
    assert_eq!(weir.ended(SOON).await, Some(0));
}

#[tokio::test]
async fn it_stays_without_the_flag_when_its_stdin_is_closed() {
    let mut weir = Weir::start(Setup::staying());
    weir.program.close_stdin();
    weir.api.clock.sleep(Duration::from_millis(300)).await;
    assert_eq!(weir.program.exit_status(), None);
    assert_eq!(weir.api.get("/health").await.status, 200);
}
