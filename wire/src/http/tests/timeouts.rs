use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;

use super::harness::{LIMIT_BYTES, Server, get, pause, post, thread_timer};
use crate::http::{Client, ClientConfig, Phase, RequestError, Timeouts, Timer};

const SHORT: Duration = Duration::from_millis(40);

fn phase_of(failure: &RequestError) -> Phase {
    match failure {
        RequestError::Timeout { phase, after, .. } => {
            assert_eq!(*after, SHORT);
            *phase
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn silent_server_times_out_in_headers() {
    let server = Server::start(|_, mut peer| async move { peer.closed().await }).await;
    let client = server.client_within(Timeouts { headers: SHORT, ..Timeouts::default() });
    let mut connection = client.connection();
    let started = Instant::now();
    let failure = connection.send(get("/")).await.unwrap_err();
    assert!(started.elapsed() >= SHORT);
    assert_eq!(phase_of(&failure), Phase::Headers);
    insta::assert_snapshot!(failure, @"timed out waiting for the response headers after 40ms");
    let progress = connection.progress().unwrap();
    assert!(progress.sent.is_some() && progress.first_byte.is_none());
}

#[tokio::test]
async fn blocked_write_times_out_in_send() {
    let server = Server::start(|_, peer| async move {
        pause(Duration::from_secs(5)).await;
        drop(peer);
    })
    .await;
    let client = server.client_within(Timeouts { headers: SHORT, ..Timeouts::default() });
    // More than the socket buffers hold.
    let request = post("/", "").with_body(vec![b'x'; 32 << 20]);
    let failure = client.connection().send(request).await.unwrap_err();
    assert_eq!(phase_of(&failure), Phase::Send);
}

#[tokio::test]
async fn stalled_stream_times_out_in_idle() {
    let server = Server::start(|_, mut peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\n\r\n").await;
        for _ in 0..6 {
            peer.write("x").await;
            pause(SHORT / 2).await;
        }
        peer.closed().await;
    })
    .await;
    let timeouts = Timeouts { idle: 4 * SHORT, ..Timeouts::default() };
    let mut connection = server.client_within(timeouts).connection();
    let mut response = connection.send(get("/")).await.unwrap();
    let mut received_bytes = 0;
    let failure = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => received_bytes += chunk.bytes.len(),
            Ok(None) => panic!("the stream never ends"),
            Err(failure) => break failure,
        }
    };
    assert_eq!(received_bytes, 6, "six pieces, together longer than the timeout");
    assert!(matches!(failure, RequestError::Timeout { phase: Phase::Idle, .. }), "{failure:?}");
}

#[tokio::test]
async fn informational_responses_without_end_time_out() {
    let server = Server::start(|_, mut peer| async move {
        peer.request().await;
        let responses = "HTTP/1.1 100 Continue\r\n\r\n".repeat(2_000);
        while peer.try_write(&responses).await {}
    })
    .await;
    let timeouts = Timeouts { headers: 4 * SHORT, ..Timeouts::default() };
    let mut connection = server.client_within(timeouts).connection();
    let failure = connection.send(get("/")).await.map(drop).unwrap_err();
    assert!(matches!(failure, RequestError::Timeout { phase: Phase::Headers, .. }), "{failure:?}");
    let text = failure.to_string();
    assert!(text.starts_with("timed out waiting for the response headers after "), "{text}");
    assert!(text.ends_with(" informational responses (1xx) came, but no final one"), "{text}");
}

#[tokio::test]
async fn late_caller_does_not_time_out() {
    let server = Server::start(|_, mut peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\n\r\n").await;
        pause(15 * SHORT).await;
        peer.write("late").await;
    })
    .await;
    let timeouts = Timeouts { idle: 10 * SHORT, ..Timeouts::default() };
    let mut connection = server.client_within(timeouts).connection();
    let mut response = connection.send(get("/")).await.unwrap();
    pause(12 * SHORT).await;
    assert_eq!(response.collect(LIMIT_BYTES).await.unwrap(), "late");
}

#[tokio::test]
async fn slow_stream_times_out_in_total() {
    let server = Server::start(|_, mut peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\n\r\n").await;
        for _ in 0..20 {
            peer.write("x").await;
            pause(SHORT / 4).await;
        }
    })
    .await;
    let client = server.client_within(Timeouts { total: Some(SHORT), ..Timeouts::default() });
    let mut connection = client.connection();
    let mut response = connection.send(get("/")).await.unwrap();
    let failure = response.collect(LIMIT_BYTES).await.unwrap_err();
    assert_eq!(phase_of(&failure), Phase::Total);
}

#[tokio::test]
async fn stalled_handshake_times_out_in_tls() {
    let server = Server::start(|_, mut peer| async move { peer.closed().await }).await;
    let target = format!("https://{}", server.addr).parse().unwrap();
    let timeouts = Timeouts { tls: SHORT, ..Timeouts::default() };
    let config = ClientConfig { timeouts, ..ClientConfig::default() };
    let client = Client::new(target, config, thread_timer()).unwrap();
    let failure = client.connection().send(get("/")).await.unwrap_err();
    assert_eq!(phase_of(&failure), Phase::Tls);
}

#[tokio::test]
async fn unresponsive_host_times_out_in_connect() {
    // A listener with a backlog of one that never accepts: once the backlog is full, further SYNs are dropped.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let addr = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    for _ in 0..8 {
        waiting.push(tokio::spawn(tokio::net::TcpStream::connect(addr)));
    }
    pause(SHORT).await;
    let timeouts = Timeouts { connect: SHORT, ..Timeouts::default() };
    let config = ClientConfig { timeouts, ..ClientConfig::default() };
    let client = Client::new(format!("http://{addr}").parse().unwrap(), config, thread_timer()).unwrap();
    let failure = client.connection().send(get("/")).await.unwrap_err();
    assert_eq!(phase_of(&failure), Phase::Connect);
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn thousand_requests_start_few_sleeps() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let sleeps = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sleeps);
    let thread = thread_timer();
    let timer = move |at| {
        counter.fetch_add(1, Ordering::SeqCst);
        thread.sleep_until(at)
    };
    let client = Client::new(server.target(), ClientConfig::default(), timer).unwrap();
    let mut connection = client.connection();
    for _ in 0..1000 {
        connection.send(get("/")).await.unwrap().collect(LIMIT_BYTES).await.unwrap();
    }
    // One sleep for connecting; all later deadlines are after it.
    assert!(sleeps.load(Ordering::SeqCst) <= 2, "{} sleeps", sleeps.load(Ordering::SeqCst));
}

#[test]
fn zero_timeout_is_rejected() {
    let timeouts = Timeouts { idle: Duration::ZERO, ..Timeouts::default() };
    let config = ClientConfig { timeouts, ..ClientConfig::default() };
    let refusal = Client::new("http://h".parse().unwrap(), config, thread_timer()).unwrap_err();
    insta::assert_snapshot!(refusal, @"the timeout `idle` must not be zero");
}

#[tokio::test]
async fn drain_ended_body_keeps_the_connection() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let mut connection = server.client().connection();
    for _ in 0..2 {
        let mut response = connection.send(get("/")).await.unwrap();
        response.drain(Duration::from_secs(60)).await.unwrap();
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn drain_endless_body_closes_the_connection() {
    for pause_length in [Duration::from_secs(60), Duration::ZERO] {
        let server = Server::start(move |_, mut peer| async move {
            peer.request().await;
            peer.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
            let mut stream = peer.into_stream();
            while stream.write_all(b"3\r\none\r\n").await.is_ok() {
                if !pause_length.is_zero() {
                    pause(pause_length).await;
                }
            }
        })
        .await;
        let mut connection = server.client().connection();
        let mut response = connection.send(get("/")).await.unwrap();
        let drained = response.drain(Duration::from_millis(20)).await;
        assert!(matches!(drained, Err(RequestError::Timeout { phase: Phase::Idle, .. })), "{drained:?}");
        assert_eq!(response.chunk().await.unwrap(), None);
        connection.send(get("/")).await.unwrap();
        assert_eq!(server.accepted(), 2);
    }
}
