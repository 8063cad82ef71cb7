use std::time::Instant;

/// When the parts of a request and its response passed the edge of the program.
///
/// Instants of sending are taken before the write that handed the bytes over, instants of receiving right after
/// the read that brought them, before anything is parsed. Over TLS, the edge is the plain side of it: encrypting
/// comes after `sent`, decrypting before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamps {
    /// `send` was called.
    pub started: Instant,
    /// A connection made for this request was ready, TLS included. `None` when one was reused.
    pub connected: Option<Instant>,
    /// The first byte of the request was handed to the socket: `t_send`.
    pub sent: Instant,
    /// The first byte of the response came.
    pub first_byte: Instant,
    /// The head of the response was complete.
    pub headers: Instant,
    /// The last byte of the response came (or, where only the close of the connection ends it, that close).
    /// `None` until [`chunk`](super::Response::chunk) has returned `None`.
    pub end: Option<Instant>,
    /// Whether the request went out on a connection kept from an earlier one.
    pub reused: bool,
}

/// How far a request has come, for one that failed on the way: what happened is `Some`.
/// The instants are those of [`Stamps`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// `send` was called.
    pub started: Instant,
    /// A connection made for this request was ready.
    pub connected: Option<Instant>,
    /// The first byte of the request was handed to the socket.
    pub sent: Option<Instant>,
    /// The first byte of the response came.
    pub first_byte: Option<Instant>,
    /// The head of the response was complete.
    pub headers: Option<Instant>,
    /// The response ended, or the request failed.
    pub end: Option<Instant>,
}

impl Progress {
    pub(super) fn started(started: Instant) -> Self {
        Self { started, connected: None, sent: None, first_byte: None, headers: None, end: None }
    }
}
