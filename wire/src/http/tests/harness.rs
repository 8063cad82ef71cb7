use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::http::{Client, ClientConfig, Request, Target, Timeouts, Timer};

/// The largest body in the tests.
pub(super) const LIMIT_BYTES: usize = 1 << 20;

/// A timer that starts a thread per sleep, independent of tokio's timer.
pub(super) fn thread_timer() -> impl Timer + Sync + 'static {
    |at: Instant| -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let (done, rest) = oneshot::channel();
        std::thread::spawn(move || {
            while let Some(left) = at.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
                if done.is_closed() {
                    return;
                }
                std::thread::park_timeout(left.min(Duration::from_millis(50)));
            }
            // The receiver may be gone.
            let _ = done.send(());
        });
        Box::pin(async {
            let _ = rest.await;
        })
    }
}

/// Sleeps on the server side.
pub(super) async fn pause(length: Duration) {
    thread_timer().sleep_until(Instant::now() + length).await;
}

/// A server, with the number of accepted connections.
pub(super) struct Server {
    pub(super) addr: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl Server {
    /// Runs `serve` on each connection, numbered from 0.
    pub(super) async fn start<F, S>(serve: F) -> Self
    where
        F: Fn(usize, Peer) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&accepted);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let number = counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(number, Peer { stream, read: Vec::new() }));
            }
        });
        Self { addr, accepted }
    }

    /// Starts a server that answers every request with `response`.
    pub(super) async fn answering(response: &'static str) -> Self {
        Self::start(move |_, mut peer| async move {
            while peer.request().await.is_some() {
                peer.write(response).await;
            }
        })
        .await
    }

    pub(super) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(super) fn target(&self) -> Target {
        format!("http://{}", self.addr).parse().unwrap()
    }

    pub(super) fn client(&self) -> Client<impl Timer + Sync + 'static> {
        self.client_with(ClientConfig::default())
    }

    pub(super) fn client_with(&self, config: ClientConfig) -> Client<impl Timer + Sync + 'static> {
        Client::new(self.target(), config, thread_timer()).unwrap()
    }

    pub(super) fn client_within(&self, timeouts: Timeouts) -> Client<impl Timer + Sync + 'static> {
        self.client_with(ClientConfig { timeouts, ..ClientConfig::default() })
    }
}

/// The server's end of a connection.
pub(super) struct Peer {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Peer {
    /// Returns the next request, head and body, as text; `None` if the client has closed the connection.
    pub(super) async fn request(&mut self) -> Option<String> {
        loop {
            if let Some(length) = request_length(&self.read) {
                let request = self.read.drain(..length).collect();
                return Some(String::from_utf8(request).unwrap());
            }
            if self.stream.read_buf(&mut self.read).await.unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    pub(super) async fn write(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// Writes; false if the client has closed.
    pub(super) async fn try_write(&mut self, text: &str) -> bool {
        self.stream.write_all(text.as_bytes()).await.is_ok()
    }

    /// Waits until the client closes.
    pub(super) async fn closed(&mut self) {
        while self.stream.read_buf(&mut self.read).await.unwrap_or(0) > 0 {}
    }

    /// Closes the connection with a reset.
    pub(super) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    pub(super) fn into_stream(self) -> TcpStream {
        self.stream
    }
}

/// Returns the length of the first complete request in `bytes`.
fn request_length(bytes: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(bytes);
    let head = text.find("\r\n\r\n")? + 4;
    let body = text[..head]
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.parse().unwrap());
    (bytes.len() >= head + body).then_some(head + body)
}

pub(super) fn get(path: &str) -> Request {
    Request::new(Method::GET, path.parse().unwrap())
}

pub(super) fn post(path: &str, body: &'static str) -> Request {
    Request::new(Method::POST, path.parse().unwrap()).with_body(body)
}
