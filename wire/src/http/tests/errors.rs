use super::harness::{LIMIT_BYTES, Peer, Server, get, thread_timer};
use crate::http::{Client, ClientConfig, RequestError};

/// Returns the error of a request to a server that runs `answer` after it received the request.
async fn failure<F, S>(answer: F) -> RequestError
where
    F: Fn(Peer) -> S + Clone + Send + 'static,
    S: Future<Output = ()> + Send + 'static,
{
    let server = Server::start(move |_, mut peer| {
        let answer = answer.clone();
        async move {
            peer.request().await;
            answer(peer).await;
        }
    })
    .await;
    let mut connection = server.client().connection();
    let failure = match connection.send(get("/")).await {
        Err(failure) => failure,
        Ok(mut response) => {
            let failure = response.collect(LIMIT_BYTES).await.unwrap_err();
            assert_eq!(response.chunk().await.unwrap(), None, "a failed body is over");
            assert!(response.timestamps().end.is_some());
            failure
        }
    };
    assert!(connection.progress().unwrap().end.is_some());
    assert_eq!(server.accepted(), 1, "a fresh connection is not tried again");
    failure
}

async fn failure_after(response: &'static str) -> RequestError {
    failure(move |mut peer| async move { peer.write(response).await }).await
}

#[tokio::test]
async fn close_before_end_is_truncated() {
    let truncations = [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nha",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n",
    ];
    for response in truncations {
        match failure_after(response).await {
            RequestError::Truncated { received_bytes } => assert_eq!(received_bytes, response.len() as u64),
            other => panic!("{response:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn reset_is_not_truncated() {
    let before_answer = failure(|peer| async { peer.reset() }).await;
    assert!(matches!(before_answer, RequestError::Reset { received_bytes: 0, .. }), "{before_answer:?}");

    let in_body = failure(|mut peer| async {
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await;
        super::harness::pause(std::time::Duration::from_millis(20)).await;
        peer.reset();
    })
    .await;
    assert!(matches!(in_body, RequestError::Reset { received_bytes: 43, .. }), "{in_body:?}");
}

#[tokio::test]
async fn invalid_http_is_protocol_error() {
    for response in [
        "SSH-2.0-OpenSSH_9.9\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
    ] {
        let failure = failure_after(response).await;
        assert!(matches!(failure, RequestError::Protocol(_)), "{response:?}: {failure:?}");
    }
}

#[tokio::test]
async fn body_above_limit_is_too_large() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789").await;
    let config = ClientConfig { max_body_bytes: 9, ..ClientConfig::default() };
    let mut connection = server.client_with(config).connection();
    let failure = connection.send(get("/")).await.unwrap().chunk().await.unwrap_err();
    assert!(matches!(failure, RequestError::TooLarge { limit_bytes: 9 }), "{failure:?}");

    let mut connection = server.client().connection();
    let failure = connection.send(get("/")).await.unwrap().collect(9).await.unwrap_err();
    assert!(matches!(failure, RequestError::TooLarge { limit_bytes: 9 }), "{failure:?}");
    assert_eq!(connection.send(get("/")).await.unwrap().collect(10).await.unwrap().len(), 10);
}

#[tokio::test]
async fn head_above_limit_is_too_large() {
    let head = format!("HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n", "x".repeat(1 << 16));
    let failure = failure_after(head.leak()).await;
    insta::assert_snapshot!(failure, @"the head of the response is larger than 32768 bytes or has too many headers");
}

#[tokio::test]
async fn closed_port_fails_to_connect() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let free = socket.local_addr().unwrap();
    let target = format!("http://{free}").parse().unwrap();
    let client = Client::new(target, ClientConfig::default(), thread_timer()).unwrap();
    let mut connection = client.connection();
    let failure = connection.send(get("/")).await.unwrap_err();
    assert!(matches!(failure, RequestError::Connect { addr, .. } if addr == free), "{failure:?}");
    let progress = connection.progress().unwrap();
    assert_eq!((progress.connected, progress.sent, progress.first_byte), (None, None, None));
    assert!(progress.end.unwrap() >= progress.started);
}

#[tokio::test]
async fn unknown_host_fails_to_resolve() {
    // RFC 6761 §6.4: names below `invalid` never exist.
    let target = "http://weir.invalid".parse().unwrap();
    let client = Client::new(target, ClientConfig::default(), thread_timer()).unwrap();
    let failure = client.connection().send(get("/")).await.unwrap_err();
    assert!(matches!(failure, RequestError::Resolve { .. }), "{failure:?}");
    assert!(failure.to_string().starts_with("cannot resolve the host weir.invalid: "), "{failure}");
}

#[tokio::test]
async fn errors_describe_cause() {
    insta::assert_snapshot!(
        failure_after("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await,
        @"the connection was closed before the end of the response, after 43 bytes of it"
    );
    insta::assert_snapshot!(
        failure(|peer| async { peer.reset() }).await,
        @"the connection was reset after 0 bytes of the response: Connection reset by peer (os error 104)"
    );
    insta::assert_snapshot!(
        failure_after("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n").await,
        @"not a valid HTTP/1.1 exchange: error reading a body from connection: Invalid chunk size line: missing size digit"
    );
    insta::assert_snapshot!(
        failure_after("220 ready\r\n\r\n").await,
        @"not a valid HTTP/1.1 exchange: invalid HTTP version parsed"
    );
}
