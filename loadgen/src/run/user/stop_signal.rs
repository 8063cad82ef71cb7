//! Ends one user while the run goes on.

use std::cell::Cell;
use std::time::Instant;

use tokio::sync::Notify;

use crate::run::context::{WaitOutcome, WorkerContext};

/// Ends one user: it finishes its current request and starts no other.
#[derive(Debug, Default)]
pub(crate) struct StopSignal {
    is_set: Cell<bool>,
    changed: Notify,
}

impl StopSignal {
    pub(crate) fn set(&self) {
        self.is_set.set(true);
        self.changed.notify_one();
    }

    pub(super) fn is_set(&self) -> bool {
        self.is_set.get()
    }

    /// Waits for `until`, or until nothing more may start, by this user or by any.
    pub(super) async fn wait<T>(&self, worker: &WorkerContext<T>, until: Instant) -> WaitOutcome {
        tokio::select! {
            biased;
            outcome = worker.wait(until) => outcome,
            () = self.changed.notified() => WaitOutcome::Closed,
        }
    }
}
