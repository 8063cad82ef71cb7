//! The state of one connection: when its bytes were written, and whether its client may still be
//! sending when it ends.

mod request_body;
mod stamped;
mod timer;
mod unread_body;
mod write_log;

pub(crate) use request_body::{BodyTimedOut, RequestBody};
pub(crate) use stamped::StampedStream;
pub(crate) use timer::HyperTimer;
pub use write_log::Mark;
pub(crate) use write_log::WriteLog;

use std::{net::IpAddr, sync::Arc, time::Instant};

/// The arrival of a request, passed from the accept loop to the handlers.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// When the service was first polled for the request: the zero of all its times.
    pub at: Instant,
    /// The address of the client; `None` without a connection.
    pub peer: Option<IpAddr>,
    /// The log of the connection that it came on.
    pub(crate) log: Arc<WriteLog>,
}
