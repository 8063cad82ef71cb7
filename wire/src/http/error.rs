use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// The largest read buffer of hyper, which starts at 8 KiB, grows when events arrive faster than they are read, and never
/// shrinks. It also bounds the head of a response.
pub(super) const BUFFER_BYTES_MAX: usize = 32 << 10;

/// Why a request did not yield a complete response. [`Connection::progress`](super::Connection::progress) has the
/// timestamps up to the error. An HTTP status is never an error here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The host name has no address.
    #[error("cannot resolve the host {host}: {source}")]
    Resolve {
        /// The host in the target URL.
        host: String,
        /// The error of the resolver.
        source: io::Error,
    },
    /// No address of the target accepted a connection.
    #[error("cannot connect to {addr}: {source}")]
    Connect {
        /// The last address tried.
        addr: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The TLS handshake failed, for example because the certificate is not trusted or the peer does not support TLS.
    #[error("TLS handshake with {host} failed: {source}")]
    Tls {
        /// The host in the target URL.
        host: String,
        /// The error of rustls.
        source: io::Error,
    },
    /// A phase timed out.
    #[error("timed out {phase} after {after:?}{}", AfterInformational(*.informational))]
    Timeout {
        /// The phase.
        phase: Phase,
        /// The timeout.
        after: Duration,
        /// The informational responses (1xx) that came instead of the final one.
        informational: u64,
    },
    /// The peer reset the connection.
    #[error("the connection was reset after {received_bytes} bytes of the response: {source}")]
    Reset {
        /// The bytes of the response received before, including its head.
        received_bytes: u64,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The peer closed the connection before the end of the response, or before any of it.
    #[error("the connection was closed before the end of the response, after {received_bytes} bytes of it")]
    Truncated {
        /// The bytes of the response received before, including its head.
        received_bytes: u64,
    },
    /// The response is not valid HTTP/1.1.
    #[error("not a valid HTTP/1.1 exchange: {}", WithCauses(.0))]
    Protocol(#[source] hyper::Error),
    /// The head of the response is larger than the client accepts, or has too many headers.
    #[error("the head of the response is larger than {limit_bytes} bytes or has too many headers")]
    HeadTooLarge {
        /// The limit on its size.
        limit_bytes: usize,
    },
    /// The body is larger than the client accepts.
    #[error("the response body is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit that it exceeds.
        limit_bytes: usize,
    },
}

/// The phase of a request.
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
    /// Waiting for the next chunk of the body.
    Idle,
    /// The whole request.
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
            Self::Total => "before the end of the response",
        })
    }
}

/// Too many open files in the process, and in the system: the numbers of all Unix systems.
const TOO_MANY_FILES: [i32; 2] = [24, 23];

impl RequestError {
    /// Whether no connection was opened because this machine had no file descriptors, local ports or memory left. The peer
    /// has no part in it.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let (Self::Connect { source, .. } | Self::Resolve { source, .. }) = self else { return false };
        let has_no_files = source.raw_os_error().is_some_and(|code| TOO_MANY_FILES.contains(&code));
        has_no_files || matches!(source.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::OutOfMemory)
    }

    /// Classifies an error of hyper, which wraps the error of the connection or reports a closed internal channel where
    /// the connection was closed.
    pub(super) fn from_hyper(error: hyper::Error, received_bytes: u64) -> Self {
        use io::ErrorKind::{
            BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, TimedOut, UnexpectedEof,
        };
        if let Some(cause) = io_cause(&error) {
            match cause.kind() {
                UnexpectedEof => return Self::Truncated { received_bytes },
                // `TimedOut` means that the peer acknowledged nothing, not that a timeout of this client passed.
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

    /// Whether the connection was closed before any byte of the response.
    pub(super) fn is_before_response(&self) -> bool {
        matches!(self, Self::Reset { received_bytes: 0, .. } | Self::Truncated { received_bytes: 0 })
    }
}

fn io_cause(error: &hyper::Error) -> Option<&io::Error> {
    std::iter::successors(error.source(), |cause| (*cause).source()).find_map(|cause| cause.downcast_ref())
}

/// Displays the informational responses before a timeout, if there were any.
struct AfterInformational(u64);

impl fmt::Display for AfterInformational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            1 => f.write_str(": one informational response (1xx) came, but no final one"),
            count => write!(f, ": {count} informational responses (1xx) came, but no final one"),
        }
    }
}

/// Displays an error with its causes, because hyper's messages omit them.
struct WithCauses<'a>(&'a hyper::Error);

impl fmt::Display for WithCauses<'_> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_local_resources_of_this_machine_are() {
        let connect = |source| RequestError::Connect { addr: ([127, 0, 0, 1], 1).into(), source };
        for code in TOO_MANY_FILES {
            assert!(connect(io::Error::from_raw_os_error(code)).is_local());
        }
        assert!(connect(io::ErrorKind::AddrNotAvailable.into()).is_local());
        assert!(!connect(io::ErrorKind::ConnectionRefused.into()).is_local());
        assert!(!RequestError::Truncated { received_bytes: 0 }.is_local());
    }
}
