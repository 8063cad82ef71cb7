use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use http::HeaderValue;

use super::addresses::Addresses;
use super::config::{ClientConfig, SetupError, Timeouts};
use super::connection::Connection;
use super::deadline::Deadline;
use super::failure::Phase;
use super::target::{Scheme, Target};
use super::timer::Timer;
use super::tls::Tls;

/// What the connections to one target have in common: cheap to clone.
#[derive(Clone)]
pub struct Client<T: Timer> {
    shared: Arc<Shared>,
    timer: T,
}

/// The part of a client that every connection holds on to.
pub(super) struct Shared {
    pub(super) target: Target,
    pub(super) host: HeaderValue,
    pub(super) addresses: Addresses,
    pub(super) tls: Option<Tls>,
    pub(super) timeouts: Timeouts,
    pub(super) max_body_bytes: usize,
}

impl Shared {
    /// The end of the whole request that `started` then.
    pub(super) fn total(&self, started: Instant) -> Option<Deadline> {
        Deadline::of(Phase::Total, started, self.timeouts.total?)
    }
}

impl<T: Timer> Client<T> {
    /// A client for `target`. Nothing is sent, and no name is resolved, before the first request.
    ///
    /// # Errors
    ///
    /// A timeout is zero, or TLS cannot be set up as `config` wants it.
    pub fn new(target: Target, config: ClientConfig, timer: T) -> Result<Self, SetupError> {
        let ClientConfig { timeouts, max_body_bytes, tls } = config;
        timeouts.check()?;
        let tls = match target.scheme() {
            Scheme::Http => None,
            Scheme::Https => Some(Tls::new(target.host(), &tls)?),
        };
        let host = HeaderValue::try_from(target.authority()).map_err(SetupError::Host)?;
        let addresses = Addresses::of(&target);
        let shared = Shared { target, host, addresses, tls, timeouts, max_body_bytes };
        Ok(Self { shared: Arc::new(shared), timer })
    }

    /// Where its requests go.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.shared.target
    }

    /// A connection to be: it is opened when the first request is sent, and again when it was lost.
    #[must_use]
    pub fn connection(&self) -> Connection<T> {
        Connection::new(Arc::clone(&self.shared), self.timer.clone())
    }
}

impl<T: Timer> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("target", &self.shared.target).finish_non_exhaustive()
    }
}
