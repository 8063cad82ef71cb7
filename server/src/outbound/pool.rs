//! Connections to one target, kept between requests.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use weir_pace::{Clock, Sleep};
use weir_wire::{Client, ClientConfig, Connection, SetupError, Target, Timeouts, Timer};

/// Idle connections that are kept; others are closed.
const IDLE_MAX: usize = 64;
/// The longest answer that is taken in: as much as a template may render to.
pub(super) const ANSWER_BYTES_MAX: usize = weir_chains::RENDERED_BYTES_MAX;

/// Connections to one target, kept between requests.
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

    /// A connection that was kept, or a place for a new one.
    pub(super) fn take(&self) -> Connection<ClockTimer> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.unwrap_or_else(|| self.client.connection())
    }

    /// Keeps the connection, if there is room.
    pub(super) fn give_back(&self, connection: Connection<ClockTimer>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(connection);
        }
    }
}
