use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::link::BUFFER_BYTES_MAX;

/// Why a request got no complete response. [`Connection::progress`](super::Connection::progress) says how far
/// it had come, and when. An HTTP status is never a failure here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The host name has no address.
    #[error("cannot resolve the host {host}: {source}")]
    Resolve {
        /// The host, as the target names it.
        host: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// No address of the target accepted a connection.
    #[error("cannot connect to {addr}: {source}")]
    Connect {
        /// The address tried last.
        addr: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The TLS handshake failed: a certificate that is not trusted, or a peer that does not speak TLS.
    #[error("TLS handshake with {host} failed: {source}")]
    Tls {
        /// The host, as the target names it.
        host: String,
        /// What rustls said.
        source: io::Error,
    },
    /// A phase lasted too long.
    #[error("timed out {phase} after {after:?}")]
    Timeout {
        /// The phase that did.
        phase: Phase,
        /// How long it was allowed to last.
        after: Duration,
    },
    /// The peer broke the connection off.
    #[error("the connection was reset after {received_bytes} bytes of the response: {source}")]
    Reset {
        /// The bytes of the response that had come, its head included.
        received_bytes: u64,
        /// What the operating system said.
        source: io::Error,
    },
    /// The peer closed the connection before the end that it had promised (or before any answer).
    #[error("the connection was closed before the end of the response, after {received_bytes} bytes of it")]
    Truncated {
        /// The bytes of the response that had come, its head included.
        received_bytes: u64,
    },
    /// What came is not HTTP/1.1.
    #[error("not a valid HTTP/1.1 exchange: {}", Chain(.0))]
    Protocol(#[source] hyper::Error),
    /// The head of the response is larger than the client takes, or has more headers.
    #[error("the head of the response is larger than {limit_bytes} bytes, or has more headers than are read")]
    HeadTooLarge {
        /// The limit of its bytes.
        limit_bytes: usize,
    },
    /// The body is larger than the client takes.
    #[error("the response body is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit that it passed.
        limit_bytes: usize,
    },
}

/// What a request was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Resolving the host and opening the TCP connection.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Writing the request.
    Send,
    /// Waiting for the head of the response.
    Headers,
    /// Waiting for more of the body.
    Idle,
    /// Anything: the whole request lasted too long.
    Total,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Tls => "in the TLS handshake",
            Self::Send => "sending the request",
            Self::Headers => "waiting for the response headers",
            Self::Idle => "waiting for more of the response body",
            Self::Total => "before the whole response had come",
        })
    }
}

impl Failure {
    /// Sorts what hyper reports: it wraps the connection's own error, and speaks of its internal channels where
    /// a connection went away.
    pub(super) fn from_hyper(error: hyper::Error, received_bytes: u64) -> Self {
        use io::ErrorKind::{
            BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, TimedOut, UnexpectedEof,
        };
        if let Some(cause) = io_cause(&error) {
            match cause.kind() {
                UnexpectedEof => return Self::Truncated { received_bytes },
                // `TimedOut` is TCP giving up on a peer that acknowledges nothing, not one of this client's limits.
                BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | TimedOut => {
                    let source = cause
                        .raw_os_error()
                        .map_or_else(|| cause.kind().into(), io::Error::from_raw_os_error);
                    return Self::Reset { received_bytes, source };
                }
                _ => {}
            }
        }
        if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
            return Self::Truncated { received_bytes };
        }
        if error.is_parse_too_large() {
            return Self::HeadTooLarge { limit_bytes: BUFFER_BYTES_MAX };
        }
        Self::Protocol(error)
    }

    /// Whether a connection kept alive was found gone before it had answered at all: then it was closed while
    /// idle, as far as anyone can tell, and the request may be sent again on a new one.
    pub(super) fn is_stale(&self) -> bool {
        matches!(self, Self::Reset { received_bytes: 0, .. } | Self::Truncated { received_bytes: 0 })
    }
}

fn io_cause(error: &hyper::Error) -> Option<&io::Error> {
    std::iter::successors(error.source(), |cause| (*cause).source()).find_map(|cause| cause.downcast_ref())
}

/// An error with its causes, for hyper's own messages stop at the outermost.
struct Chain<'a>(&'a hyper::Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
