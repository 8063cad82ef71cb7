use std::time::{Duration, Instant};

use super::harness::{LIMIT_BYTES, Server, get, pause};

const GAP: Duration = Duration::from_millis(100);

#[tokio::test]
async fn instants_come_in_order() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let mut connection = server.client().connection();
    for reused in [false, true] {
        let before = Instant::now();
        let mut response = connection.send(get("/")).await.unwrap();
        assert_eq!(response.stamps().end, None);
        let chunk = response.chunk().await.unwrap().unwrap();
        assert_eq!(response.chunk().await.unwrap(), None);
        let stamps = response.stamps();
        let after = Instant::now();

        assert_eq!((stamps.reused, stamps.connected.is_none()), (reused, reused));
        let connected = stamps.connected.unwrap_or(stamps.started);
        let order = [
            before,
            stamps.started,
            connected,
            stamps.sent,
            stamps.first_byte,
            stamps.headers,
            chunk.at,
            stamps.end.unwrap(),
            after,
        ];
        assert!(order.is_sorted(), "{stamps:?}, chunk at {:?}", chunk.at);

        let progress = connection.progress().unwrap();
        assert_eq!((progress.sent, progress.end), (Some(stamps.sent), stamps.end));
    }
}

/// The server sends in five writes, `GAP` apart; each instant must be that of its own write, whenever the client
/// came to ask for it.
#[tokio::test]
async fn each_piece_has_the_instant_of_the_read_that_brought_it() {
    let server = Server::start(|_, mut peer| async move {
        peer.request().await;
        pause(GAP).await;
        for piece in [
            "HTTP/1.1 200 OK\r\ntransfer-",
            "encoding: chunked\r\n\r\n",
            "3\r\none\r\n3\r\ntwo\r\n5",
            "\r\nthree\r\n",
            "0\r\n\r\n",
        ] {
            peer.write(piece).await;
            pause(GAP).await;
        }
        peer.closed().await;
    })
    .await;
    let mut connection = server.client().connection();
    let mut response = connection.send(get("/")).await.unwrap();
    let mut chunks = Vec::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        chunks.push(chunk);
    }
    let [one, two, three] = chunks.try_into().unwrap();
    assert_eq!((&one.bytes[..], &two.bytes[..], &three.bytes[..]), (&b"one"[..], &b"two"[..], &b"three"[..]));
    assert_eq!(one.at, two.at, "they came with one read");

    let stamps = response.stamps();
    let steps = [stamps.sent, stamps.first_byte, stamps.headers, one.at, three.at, stamps.end.unwrap()];
    for pair in steps.windows(2) {
        // The pauses are at least GAP long; half of it leaves room for a client that was scheduled late.
        assert!(pair[1] - pair[0] > GAP / 2, "{stamps:?} {one:?} {three:?}");
    }
}

#[tokio::test]
async fn a_piece_read_before_it_was_asked_for_does_not_look_late() {
    let server = Server::start(|_, mut peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nearly ").await;
        peer.closed().await;
    })
    .await;
    let mut connection = server.client().connection();
    let mut response = connection.send(get("/")).await.unwrap();
    let headers = response.stamps().headers;
    pause(GAP).await;
    // Head and body came with one read.
    assert_eq!(response.chunk().await.unwrap().unwrap().at, headers);
    assert_eq!(response.chunk().await.unwrap(), None);
    assert_eq!(response.stamps().end, Some(headers));
}

#[tokio::test]
async fn a_body_that_ends_with_the_connection_ends_at_its_close() {
    let server = Server::start(|_, mut peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\n\r\nall").await;
        pause(GAP).await;
    })
    .await;
    let mut connection = server.client().connection();
    let mut response = connection.send(get("/")).await.unwrap();
    let headers = response.stamps().headers;
    assert_eq!(response.collect(LIMIT_BYTES).await.unwrap(), "all");
    assert!(response.stamps().end.unwrap() - headers > GAP / 2);
}

#[tokio::test]
async fn connecting_comes_before_sending_only_when_it_happened() {
    let server = Server::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let mut connection = server.client().connection();
    assert_eq!(connection.progress(), None);
    connection.send(get("/")).await.unwrap().collect(0).await.unwrap();
    assert!(connection.progress().unwrap().connected.is_some());
    connection.send(get("/")).await.unwrap().collect(0).await.unwrap();
    assert!(connection.progress().unwrap().connected.is_none());
}
