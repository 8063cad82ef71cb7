use std::sync::Arc;
use std::time::Instant;

use http::HeaderValue;

use super::addresses::Addresses;
use super::config::Timeouts;
use super::deadline::{Deadline, DeadlineTimer, Timer};
use super::error::Phase;
use super::open_connection::OpenConnection;
use super::target::Target;
use super::timestamps::PartialTimestamps;
use super::tls::Tls;

/// The part of a client that its connections share.
pub(super) struct ClientContext {
    pub(super) target: Target,
    pub(super) host: HeaderValue,
    pub(super) addresses: Addresses,
    pub(super) tls: Option<Tls>,
    pub(super) timeouts: Timeouts,
    pub(super) max_body_bytes: usize,
}

impl ClientContext {
    /// Returns the deadline of the whole request that started at `started`.
    pub(super) fn total(&self, started: Instant) -> Option<Deadline> {
        Deadline::new(Phase::Total, started, self.timeouts.total?)
    }
}

/// The connection of one user of a client, open or not.
pub(super) struct ConnectionSlot<T: Timer> {
    pub(super) shared: Arc<ClientContext>,
    pub(super) timer: DeadlineTimer<T>,
    /// Open and not in use by a response.
    pub(super) idle: Option<Box<OpenConnection>>,
    /// The timestamps of the last request.
    pub(super) progress: Option<PartialTimestamps>,
}

impl<T: Timer> ConnectionSlot<T> {
    pub(super) const fn new(shared: Arc<ClientContext>, timer: T) -> Self {
        Self { shared, timer: DeadlineTimer::new(timer), idle: None, progress: None }
    }
}
