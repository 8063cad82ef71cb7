//! A pool of connections to one target.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use weir_pace::{Clock, Sleep};
use weir_wire::{Client, ClientConfig, Connection, SetupError, Target, Timeouts, Timer};

/// Maximum idle connections; others are closed.
const IDLE_MAX: usize = 64;
/// The maximum size of a response: that of a rendered template.
pub(super) const ANSWER_BYTES_MAX: usize = weir_chains::RENDERED_BYTES_MAX;

/// A pool of connections to one target.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    client: Client<ClockTimer>,
    idle: Arc<Mutex<Vec<Connection<ClockTimer>>>>,
}

/// Waits on the server's clock.
#[derive(Clone, Debug)]
pub(super) struct ClockTimer(Clock);

impl Timer for ClockTimer {
    type Sleep = Sleep;

    fn sleep_until(&self, at: Instant) -> Sleep {
        self.0.sleep_until(at)
    }
}

impl Pool {
    /// `timeout` is that of each request as a whole.
    pub(super) fn new(target: Target, timeout: Duration, clock: Clock) -> Result<Self, SetupError> {
        let timeouts = Timeouts { total: Some(timeout), ..Timeouts::default() };
        let config = ClientConfig { timeouts, max_body_bytes: ANSWER_BYTES_MAX, ..ClientConfig::default() };
        Ok(Self { client: Client::new(target, config, ClockTimer(clock))?, idle: Arc::default() })
    }

    /// Returns an idle connection, or an empty one to connect.
    pub(super) fn take(&self) -> Connection<ClockTimer> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.unwrap_or_else(|| self.client.connection())
    }

    /// Returns the connection to the pool, if it is not full.
    pub(super) fn give_back(&self, connection: Connection<ClockTimer>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(connection);
        }
    }
}
