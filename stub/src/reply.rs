//! What is sent after a request.

use std::time::Duration;

/// Bytes, each at its instant after the request, and what happens to the connection after them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// In the order in which they are sent.
    pub(crate) parts: Vec<(Duration, Vec<u8>)>,
    pub(crate) next: Next,
    pub(crate) next_at: Duration,
}

/// What happens to a connection after the last bytes of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next request is read.
    Keep,
    /// It is closed.
    Close,
    /// It is kept, and nothing more is read or sent until the client closes it.
    Hang,
}

impl Reply {
    /// These bytes, each at its number of milliseconds after the request.
    #[must_use]
    pub fn raw(parts: impl IntoIterator<Item = (u64, Vec<u8>)>) -> Self {
        let parts = parts.into_iter().map(|(ms, bytes)| (Duration::from_millis(ms), bytes));
        Self { parts: parts.collect(), next: Next::Keep, next_at: Duration::ZERO }
    }

    /// A response with this status line, content type and body, all at once.
    #[must_use]
    pub fn response(status: &str, content_type: &str, body: &str) -> Self {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n");
        Self::raw([(0, format!("{head}{body}").into_bytes())])
    }

    /// A JSON body with status 200.
    #[must_use]
    pub fn json(body: &str) -> Self {
        Self::response("200 OK", "application/json", body)
    }

    /// A stream of server-sent events with status 200: a chunked body whose chunks are these bytes. It does not end:
    /// see [`end_body`](Self::end_body).
    #[must_use]
    pub fn stream(parts: impl IntoIterator<Item = (u64, Vec<u8>)>) -> Self {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        let chunks = parts.into_iter().map(|(ms, bytes)| {
            let size = format!("{:x}\r\n", bytes.len());
            (ms, [size.as_bytes(), &bytes, b"\r\n"].concat())
        });
        Self::raw([(0, head.into())].into_iter().chain(chunks))
    }

    /// The same reply with the end of a chunked body after `ms` milliseconds.
    #[must_use]
    pub fn end_body(mut self, ms: u64) -> Self {
        self.parts.push((Duration::from_millis(ms), b"0\r\n\r\n".to_vec()));
        self
    }

    /// The same reply, and `next` after `ms` milliseconds.
    #[must_use]
    pub fn then(self, next: Next, ms: u64) -> Self {
        Self { next, next_at: Duration::from_millis(ms), ..self }
    }
}
