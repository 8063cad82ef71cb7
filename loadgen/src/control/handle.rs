//! Ending a run from outside.

use std::sync::Arc;

use tokio::sync::watch;

/// Ends a run early, from any thread: ctrl-C, for one. Clones control the same run.
///
/// A run that is stopped starts nothing new, gives what is in flight a moment to end, and reports what it measured.
#[derive(Clone, Debug)]
pub struct Control {
    halt: Arc<watch::Sender<Halt>>,
}

/// How a run is to end.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Halt {
    /// By itself.
    No,
    /// What is in flight gets a moment to end.
    Soon,
    /// What is in flight is cut.
    Now,
}

impl Default for Control {
    fn default() -> Self {
        Self::new()
    }
}

impl Control {
    /// A handle that has not been used yet.
    #[must_use]
    pub fn new() -> Self {
        Self { halt: Arc::new(watch::Sender::new(Halt::No)) }
    }

    /// Ends the run; once is enough.
    pub fn stop(&self) {
        self.halt(Halt::Soon);
    }

    /// Ends the run at once: what is in flight is cut, and counted as unfinished.
    pub fn stop_now(&self) {
        self.halt(Halt::Now);
    }

    /// Whether the run was told to end.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.halt.borrow() > Halt::No
    }

    /// Waits until the run is told to end.
    pub async fn stopped(&self) {
        self.halted(Halt::Soon).await;
    }

    /// Waits until the run is told to end like this, or sooner.
    pub(crate) async fn halted(&self, how: Halt) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.halt.subscribe().wait_for(|halt| *halt >= how).await;
    }

    fn halt(&self, how: Halt) {
        self.halt.send_if_modified(|halt| {
            let is_sooner = how > *halt;
            *halt = how.max(*halt);
            is_sooner
        });
    }
}
