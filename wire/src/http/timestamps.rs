use std::time::Instant;

/// The instants at which the parts of a request and its response were written to and read from the socket.
///
/// Instants of sending are taken before the write, instants of receiving right after the read and before parsing. With
/// TLS they are taken on the plaintext side: encryption comes after `sent`, decryption before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamps {
    /// `send` was called.
    pub started: Instant,
    /// The connection opened for this request was ready, including TLS. `None` if a connection was reused.
    pub connected: Option<Instant>,
    /// The first byte of the request was written, the first time if it was sent twice: `t_send`.
    pub sent: Instant,
    /// The first byte of the response was received.
    pub first_byte: Instant,
    /// The head of the response was complete.
    pub headers: Instant,
    /// The last byte of the response was received, or the connection was closed if that ends the response. `None` until [`chunk`](super::Response::chunk) has returned `None`.
    pub end: Option<Instant>,
    /// Whether the request was sent on a reused connection.
    pub reused: bool,
}

/// The timestamps of a request that may have failed before the end of its response. The instants are those of
/// [`Timestamps`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialTimestamps {
    /// `send` was called.
    pub started: Instant,
    /// The connection opened for this request was ready.
    pub connected: Option<Instant>,
    /// The first byte of the request was written, the first time if it was sent twice.
    pub sent: Option<Instant>,
    /// The first byte of the request was written, the last time.
    pub last_sent: Option<Instant>,
    /// Whether it was sent twice, because a reused connection was closed before the server received it.
    pub resent: bool,
    /// The first byte of the response was received.
    pub first_byte: Option<Instant>,
    /// The head of the response was complete.
    pub headers: Option<Instant>,
    /// The response ended, or the request failed.
    pub end: Option<Instant>,
}

impl PartialTimestamps {
    pub(super) fn started(started: Instant) -> Self {
        Self {
            started,
            connected: None,
            sent: None,
            last_sent: None,
            resent: false,
            first_byte: None,
            headers: None,
            end: None,
        }
    }
}
