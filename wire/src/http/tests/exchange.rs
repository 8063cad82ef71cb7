use std::time::Duration;

use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderValue, Method, StatusCode};

use super::harness::{LIMIT_BYTES, Server, get, post};
use crate::http::{Client, ClientConfig, Connection, Timer};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

async fn text<T: Timer>(connection: &mut Connection<T>) -> String {
    let mut response = connection.send(get("/")).await.unwrap();
    String::from_utf8(response.collect(LIMIT_BYTES).await.unwrap().to_vec()).unwrap()
}

/// Returns `request` as the server receives it.
async fn seen(request: crate::Request) -> String {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    let server = Server::start(move |_, mut peer| {
        let sender = sender.clone();
        async move {
            sender.send(peer.request().await.unwrap()).await.unwrap();
            peer.write(OK).await;
        }
    })
    .await;
    server.client().connection().send(request).await.unwrap();
    receiver.recv().await.unwrap().replace(&server.addr.to_string(), "ADDR").replace("\r\n", "\n")
}

#[tokio::test]
async fn send_adds_only_required_headers() {
    insta::assert_snapshot!(seen(get("/v1/models?limit=2")).await.trim_end(), @r"
    GET /v1/models?limit=2 HTTP/1.1
    host: ADDR
    accept-encoding: identity
    ");
    insta::assert_snapshot!(seen(post("/v1/chat", "{}").accept_trailers()).await, @r"
    POST /v1/chat HTTP/1.1
    te: trailers
    connection: TE
    host: ADDR
    accept-encoding: identity
    content-length: 2

    {}
    ");
}

#[tokio::test]
async fn send_keeps_host_and_replaces_content_length() {
    let request = post("/", "{}")
        .with_header(HOST, HeaderValue::from_static("other"))
        .with_header(CONTENT_LENGTH, HeaderValue::from_static("99"));
    let seen = seen(request).await;
    assert!(seen.contains("host: other\n") && seen.contains("content-length: 2\n"), "{seen}");
    assert!(!seen.contains("99"), "{seen}");
}

#[tokio::test]
async fn send_empty_post_has_content_length_zero() {
    let seen = seen(post("/", "")).await;
    assert!(seen.contains("content-length: 0\n"), "{seen}");
}

#[tokio::test]
async fn response_has_status_headers_and_body() {
    let server = Server::answering(
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nbody",
    )
    .await;
    let mut connection = server.client().connection();
    let mut response = connection.send(get("/")).await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers().get("retry-after").unwrap(), "7");
    assert_eq!(response.content_encoding().unwrap(), "gzip");
    assert_eq!(response.collect(LIMIT_BYTES).await.unwrap(), "body");
    assert!(response.trailers().is_none());
    assert_eq!(response.chunk().await.unwrap(), None, "the end stays the end");
}

#[tokio::test]
async fn connection_is_reused_for_next_request() {
    let server = Server::answering(OK).await;
    let mut connection = server.client().connection();
    for _ in 0..3 {
        assert_eq!(text(&mut connection).await, "ok");
    }
    assert_eq!(server.accepted(), 1);
    assert!(connection.send(get("/")).await.unwrap().timestamps().reused);
}

#[tokio::test]
async fn take_headers_keeps_body() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nx-asked: yes\r\ncontent-length: 2\r\n\r\nok").await;
    let mut connection = server.client().connection();
    for _ in 0..2 {
        let mut response = connection.send(get("/")).await.unwrap();
        assert_eq!(response.take_headers().get("x-asked").unwrap(), "yes");
        assert!(response.headers().is_empty());
        assert_eq!(response.collect(LIMIT_BYTES).await.unwrap(), "ok");
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn unread_response_closes_connection() {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    let server = Server::start(move |_, mut peer| {
        let sender = sender.clone();
        async move {
            peer.request().await;
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun").await;
            peer.closed().await;
            sender.send(()).await.unwrap();
        }
    })
    .await;
    let mut connection = server.client().connection();
    let mut response = connection.send(get("/")).await.unwrap();
    assert_eq!(response.chunk().await.unwrap().unwrap().bytes, "begun");
    drop(response);
    receiver.recv().await.unwrap();
    drop(connection.send(get("/")).await.unwrap());
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn dropped_request_closes_connection() {
    let server = Server::start(|number, mut peer| async move {
        peer.request().await;
        if number > 0 {
            peer.write(OK).await;
        }
        peer.closed().await;
    })
    .await;
    let mut connection = server.client().connection();
    tokio::select! {
        biased;
        _ = connection.send(get("/")) => panic!("there is no answer"),
        () = super::harness::pause(Duration::from_millis(20)) => {}
    }
    assert_eq!(connection.progress(), None);
    assert_eq!(text(&mut connection).await, "ok");
}

#[tokio::test]
async fn connection_closed_while_idle_is_replaced() {
    let server = Server::start(|_, mut peer| async move {
        peer.request().await;
        peer.write(OK).await;
    })
    .await;
    let mut connection = server.client().connection();
    for _ in 0..3 {
        assert_eq!(text(&mut connection).await, "ok");
        super::harness::pause(Duration::from_millis(5)).await;
    }
    assert_eq!(server.accepted(), 3);
}

/// A server that closes its first connection `delay` after the second request on it.
async fn closing_after_request(delay: Duration, reset: bool) -> Server {
    Server::start(move |number, mut peer| async move {
        peer.request().await;
        peer.write(OK).await;
        if number == 0 {
            peer.request().await;
            if !delay.is_zero() {
                super::harness::pause(delay).await;
            }
            if reset {
                peer.reset();
            }
        }
    })
    .await
}

#[tokio::test]
async fn connection_closed_as_the_request_is_sent_is_replaced_once() {
    for reset in [false, true] {
        let server = closing_after_request(Duration::ZERO, reset).await;
        let mut connection = server.client().connection();
        assert_eq!(text(&mut connection).await, "ok");
        let response = connection.send(post("/", "{}")).await;
        // On a busy machine the close may come so late that the server may have handled the request.
        let Ok(mut response) = response else { continue };
        assert!(!response.timestamps().reused);
        assert_eq!(response.collect(LIMIT_BYTES).await.unwrap(), "ok");
        let progress = connection.progress().unwrap();
        assert!(progress.resent && progress.sent < progress.last_sent, "{progress:?}");
        assert_eq!(server.accepted(), 2);
    }
}

#[tokio::test]
async fn connection_closed_after_work_on_the_request_is_an_error() {
    for reset in [false, true] {
        let server = closing_after_request(Duration::from_millis(60), reset).await;
        let mut connection = server.client().connection();
        assert_eq!(text(&mut connection).await, "ok");
        let failure = connection.send(post("/", "{}")).await.unwrap_err();
        assert!(failure.is_before_response(), "{failure}");
        assert_eq!((server.accepted(), connection.progress().unwrap().resent), (1, false));
    }
}

#[tokio::test]
async fn connection_close_header_ends_connection() {
    let server =
        Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
    let mut connection = server.client().connection();
    for _ in 0..2 {
        assert_eq!(text(&mut connection).await, "ok");
    }
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn trailers_follow_body() {
    let server = Server::start(|_, mut peer| async move {
        peer.request().await;
        peer.write(CHUNKED).await;
        peer.write("2\r\nok\r\n0\r\nserver-timing: ttft;dur=3\r\n\r\n").await;
        peer.closed().await;
    })
    .await;
    let mut connection = server.client().connection();
    let mut response = connection.send(get("/").accept_trailers()).await.unwrap();
    assert_eq!(response.chunk().await.unwrap().unwrap().bytes, "ok");
    assert!(response.trailers().is_none(), "the end has not come");
    assert_eq!(response.chunk().await.unwrap(), None);
    assert_eq!(response.trailers().unwrap().get("server-timing").unwrap(), "ttft;dur=3");
}

#[tokio::test]
async fn body_without_length_ends_at_close() {
    let server = Server::start(|number, mut peer| async move {
        peer.request().await;
        match number {
            0 => peer.write("HTTP/1.1 200 OK\r\n\r\nuntil the end").await,
            _ => peer.write("HTTP/1.1 204 No Content\r\n\r\n").await,
        }
    })
    .await;
    let mut connection = server.client().connection();
    assert_eq!(text(&mut connection).await, "until the end");
    assert_eq!(text(&mut connection).await, "");

    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n").await;
    let mut connection = server.client().connection();
    for _ in 0..2 {
        let mut head = connection.send(crate::Request { method: Method::HEAD, ..get("/") }).await.unwrap();
        assert_eq!(head.collect(LIMIT_BYTES).await.unwrap(), "");
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn large_bodies_are_sent_and_received() {
    let server = Server::start(|_, mut peer| async move {
        let request = peer.request().await.unwrap();
        let body = request.split("\r\n\r\n").nth(1).unwrap();
        peer.write(&format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await;
        peer.closed().await;
    })
    .await;
    let body = "x".repeat(5 << 20);
    let mut connection = server.client().connection();
    let mut response = connection.send(post("/", "").with_body(body.clone())).await.unwrap();
    assert_eq!(response.collect(body.len()).await.unwrap(), body);
}

#[tokio::test]
async fn early_response_is_received() {
    let server = Server::start(|number, mut peer| async move {
        peer.write(match number {
            0 => "HTTP/1.1 413 Content Too Large\r\ncontent-length: 5\r\n\r\nlarge",
            _ => OK,
        })
        .await;
        super::harness::pause(Duration::from_millis(200)).await;
        peer.closed().await;
    })
    .await;
    let mut connection = server.client().connection();
    // More than the socket buffers hold.
    let mut response = connection.send(post("/", "").with_body(vec![b'x'; 32 << 20])).await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(response.collect(LIMIT_BYTES).await.unwrap(), "large");
    // Half a request is still unsent on that connection.
    assert_eq!(text(&mut connection).await, "ok");
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn connections_of_client_are_independent() {
    let server = Server::answering(OK).await;
    let client = server.client();
    let mut connections = [client.connection(), client.clone().connection()];
    for connection in &mut connections {
        assert_eq!(text(connection).await, "ok");
    }
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn host_name_is_resolved() {
    let server = Server::answering(OK).await;
    let target = format!("http://localhost:{}", server.addr.port()).parse().unwrap();
    let client = Client::new(target, ClientConfig::default(), super::harness::thread_timer()).unwrap();
    assert_eq!(text(&mut client.connection()).await, "ok");
}

#[tokio::test]
async fn connection_works_across_threads() {
    let server = Server::answering(OK).await;
    let mut connection = server.client().connection();
    let body = tokio::spawn(async move { text(&mut connection).await });
    assert_eq!(body.await.unwrap(), "ok");
}
