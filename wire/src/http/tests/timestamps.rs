use std::time::{Duration, Instant};

use super::harness::{LIMIT_BYTES, Server, get, pause};

const GAP: Duration = Duration::from_millis(100);

#[tokio::test]
async fn timestamps_are_ordered() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let mut connection = server.client().connection();
    for reused in [false, true] {
        let before = Instant::now();
        let mut response = connection.send(get("/")).await.unwrap();
        assert_eq!(response.timestamps().end, None);
        let chunk = response.chunk().await.unwrap().unwrap();
        assert_eq!(response.chunk().await.unwrap(), None);
        let timestamps = response.timestamps();
        let after = Instant::now();

        assert_eq!((timestamps.reused, timestamps.connected.is_none()), (reused, reused));
        let connected = timestamps.connected.unwrap_or(timestamps.started);
        let order = [
            before,
            timestamps.started,
            connected,
            timestamps.sent,
            timestamps.first_byte,
            timestamps.headers,
            chunk.at,
            timestamps.end.unwrap(),
            after,
        ];
        assert!(order.is_sorted(), "{timestamps:?}, chunk at {:?}", chunk.at);

        let progress = connection.progress().unwrap();
        assert_eq!((progress.sent, progress.end), (Some(timestamps.sent), timestamps.end));
    }
}

/// The server sends five writes, `GAP` apart; each chunk must have the instant of its write, whenever the client reads
/// it.
#[tokio::test]
async fn chunk_has_instant_of_its_read() {
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

    let timestamps = response.timestamps();
    let steps = [
        timestamps.sent,
        timestamps.first_byte,
        timestamps.headers,
        one.at,
        three.at,
        timestamps.end.unwrap(),
    ];
    for pair in steps.windows(2) {
        // The pauses are at least GAP long; half of it tolerates a client that was scheduled late.
        assert!(pair[1] - pair[0] > GAP / 2, "{timestamps:?} {one:?} {three:?}");
    }
}

#[tokio::test]
async fn chunk_read_early_keeps_its_instant() {
    let server = Server::start(|_, mut peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nearly ").await;
        peer.closed().await;
    })
    .await;
    let mut connection = server.client().connection();
    let mut response = connection.send(get("/")).await.unwrap();
    let headers = response.timestamps().headers;
    pause(GAP).await;
    // Head and body were received by one read.
    assert_eq!(response.chunk().await.unwrap().unwrap().at, headers);
    assert_eq!(response.chunk().await.unwrap(), None);
    assert_eq!(response.timestamps().end, Some(headers));
}

#[tokio::test]
async fn body_without_length_ends_at_instant_of_close() {
    let server = Server::start(|_, mut peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\n\r\nall").await;
        pause(GAP).await;
    })
    .await;
    let mut connection = server.client().connection();
    let mut response = connection.send(get("/")).await.unwrap();
    let headers = response.timestamps().headers;
    assert_eq!(response.collect(LIMIT_BYTES).await.unwrap(), "all");
    assert!(response.timestamps().end.unwrap() - headers > GAP / 2);
}

#[tokio::test]
async fn connected_is_set_only_for_new_connection() {
    let server = Server::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let mut connection = server.client().connection();
    assert_eq!(connection.progress(), None);
    connection.send(get("/")).await.unwrap().collect(0).await.unwrap();
    assert!(connection.progress().unwrap().connected.is_some());
    connection.send(get("/")).await.unwrap().collect(0).await.unwrap();
    assert!(connection.progress().unwrap().connected.is_none());
}

/// Informational responses are not the response: what a client waits for comes after them.
#[tokio::test]
async fn first_byte_after_informational_response_is_that_of_the_final_one() {
    let server = Server::start(|_, mut peer| async move {
        while peer.request().await.is_some() {
            peer.write("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n").await;
            pause(GAP).await;
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
        }
    })
    .await;
    let mut connection = server.client().connection();
    for _ in 0..2 {
        let mut response = connection.send(get("/")).await.unwrap();
        let timestamps = response.timestamps();
        assert!(timestamps.first_byte - timestamps.sent >= GAP, "{timestamps:?}");
        assert_eq!(response.collect(LIMIT_BYTES).await.unwrap(), "ok");
    }
}
