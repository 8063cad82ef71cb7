use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::harness::{LIMIT_BYTES, Server, get, pause, post, thread_timer};
use crate::client::{Client, ClientConfig, Failure, Phase, Timeouts, Timer};

const SHORT: Duration = Duration::from_millis(40);

fn phase_of(failure: &Failure) -> Phase {
    match failure {
        Failure::Timeout { phase, after } => {
            assert_eq!(*after, SHORT);
            *phase
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_waited_for_no_longer_than_allowed() {
    let server = Server::start(|_, mut peer| async move { peer.closed().await }).await;
    let client = server.client_within(Timeouts { headers: SHORT, ..Timeouts::default() });
    let mut connection = client.connection();
    let began = Instant::now();
    let failure = connection.send(get("/")).await.unwrap_err();
    assert!(began.elapsed() >= SHORT);
    assert_eq!(phase_of(&failure), Phase::Headers);
    insta::assert_snapshot!(failure, @"timed out waiting for the response headers after 40ms");
    let progress = connection.progress().unwrap();
    assert!(progress.sent.is_some() && progress.first_byte.is_none());
}

#[tokio::test]
async fn a_server_that_takes_no_request_times_out_in_sending() {
    let server = Server::start(|_, peer| async move {
        pause(Duration::from_secs(5)).await;
        drop(peer);
    })
    .await;
    let client = server.client_within(Timeouts { headers: SHORT, ..Timeouts::default() });
    // More than the sockets' buffers hold.
    let request = post("/", "").with_body(vec![b'x'; 32 << 20]);
    let failure = client.connection().send(request).await.unwrap_err();
    assert_eq!(phase_of(&failure), Phase::Send);
}

#[tokio::test]
async fn a_stream_that_stalls_times_out_however_long_it_has_run() {
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
    assert!(matches!(failure, Failure::Timeout { phase: Phase::Idle, .. }), "{failure:?}");
}

#[tokio::test]
async fn a_caller_who_comes_late_is_no_idle_stream() {
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
async fn the_whole_request_may_be_limited_too() {
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
async fn a_handshake_that_stalls_times_out() {
    let server = Server::start(|_, mut peer| async move { peer.closed().await }).await;
    let target = format!("https://{}", server.addr).parse().unwrap();
    let timeouts = Timeouts { tls: SHORT, ..Timeouts::default() };
    let config = ClientConfig { timeouts, ..ClientConfig::default() };
    let client = Client::new(target, config, thread_timer()).unwrap();
    let failure = client.connection().send(get("/")).await.unwrap_err();
    assert_eq!(phase_of(&failure), Phase::Tls);
}

#[tokio::test]
async fn a_host_that_does_not_answer_times_out_in_connecting() {
    // A listener with a backlog of one that nobody accepts from: once it is full, further SYNs are dropped.
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
async fn a_thousand_requests_begin_hardly_any_sleep() {
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
    // One for connecting, and none of the later ones is due before it.
    assert!(sleeps.load(Ordering::SeqCst) <= 2, "{} sleeps", sleeps.load(Ordering::SeqCst));
}

#[test]
fn a_timeout_of_nothing_is_refused() {
    let timeouts = Timeouts { idle: Duration::ZERO, ..Timeouts::default() };
    let config = ClientConfig { timeouts, ..ClientConfig::default() };
    let refusal = Client::new("http://h".parse().unwrap(), config, thread_timer()).unwrap_err();
    insta::assert_snapshot!(refusal, @"the timeout `idle` is zero: it must be longer than that");
}
