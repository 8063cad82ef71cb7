use std::fmt;
use std::sync::Arc;

use http::HeaderValue;

use super::addresses::Addresses;
use super::config::{ClientConfig, SetupError};
use super::connection::Connection;
use super::context::{ClientContext, ConnectionSlot};
use super::deadline::Timer;
use super::target::{Scheme, Target};
use super::tls::Tls;

/// Creates connections to one target. Cheap to clone.
#[derive(Clone)]
pub struct Client<T: Timer> {
    shared: Arc<ClientContext>,
    timer: T,
}

impl<T: Timer> Client<T> {
    /// Creates a client for `target`. Nothing is sent, and no name is resolved, before the first request.
    ///
    /// # Errors
    ///
    /// Fails if a timeout is zero or TLS cannot be set up according to `config`.
    pub fn new(target: Target, config: ClientConfig, timer: T) -> Result<Self, SetupError> {
        let ClientConfig { timeouts, max_body_bytes, tls } = config;
        timeouts.check()?;
        let tls = match target.scheme() {
            Scheme::Http => None,
            Scheme::Https => Some(Tls::new(target.host(), &tls)?),
        };
        let host = HeaderValue::try_from(target.authority()).map_err(SetupError::Host)?;
        let addresses = Addresses::new(&target);
        let shared = ClientContext { target, host, addresses, tls, timeouts, max_body_bytes };
        Ok(Self { shared: Arc::new(shared), timer })
    }

    /// The target of all requests.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.shared.target
    }

    /// Returns a connection that is opened when the first request is sent, and reopened when it was lost.
    #[must_use]
    pub fn connection(&self) -> Connection<T> {
        Connection::new(ConnectionSlot::new(Arc::clone(&self.shared), self.timer.clone()))
    }
}

impl<T: Timer> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("target", &self.shared.target).finish_non_exhaustive()
    }
}
