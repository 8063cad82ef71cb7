//! Ending a run from outside.

use std::sync::Arc;

use tokio::sync::watch;

/// Ends a run early, from any thread: ctrl-C, for one. Clones end the same run.
///
/// A run that is stopped starts nothing new, gives what is in flight a moment to end, and reports what it measured.
#[derive(Clone, Debug)]
pub struct StopHandle {
    stopped: Arc<watch::Sender<bool>>,
}

impl Default for StopHandle {
    fn default() -> Self {
        Self::new()
    }
}

impl StopHandle {
    /// A handle that has not been used yet.
    #[must_use]
    pub fn new() -> Self {
        Self { stopped: Arc::new(watch::Sender::new(false)) }
    }

    /// Ends the run; once is enough.
    pub fn stop(&self) {
        self.stopped.send_replace(true);
    }

    /// Whether [`stop`](Self::stop) was called.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.stopped.borrow()
    }

    /// Waits until [`stop`](Self::stop) is called.
    pub async fn stopped(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.stopped.subscribe().wait_for(|stopped| *stopped).await;
    }
}
