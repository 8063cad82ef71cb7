//! How long a user stays.

use std::cell::Cell;
use std::time::Instant;

use tokio::sync::Notify;

use crate::engine::{Floor, Woken};

/// The stay of one user, ended by whoever holds the other end of it: what it is at then, it finishes.
#[derive(Debug, Default)]
pub(super) struct Stay {
    is_over: Cell<bool>,
    ended: Notify,
}

impl Stay {
    pub(super) fn end(&self) {
        self.is_over.set(true);
        self.ended.notify_one();
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.get()
    }

    /// Waits for `until`, or until nothing more is to be started, be it by this user or by any.
    pub(super) async fn wait(&self, floor: &Floor, until: Instant) -> Woken {
        tokio::select! {
            biased;
            woken = floor.wait(until) => woken,
            () = self.ended.notified() => Woken::Closing,
        }
    }
}
