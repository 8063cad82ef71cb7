//! Timeouts.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::task::coop;

use super::handle::Clock;

/// The deadline passed before the future completed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Error)]
#[error("the deadline has passed")]
pub struct Elapsed;

impl Clock {
    /// Runs `future` until `deadline`, then drops it. If both are ready, the future wins.
    ///
    /// # Errors
    /// [`Elapsed`] if the deadline passed first.
    pub async fn timeout_at<F: Future>(&self, deadline: Instant, future: F) -> Result<F::Output, Elapsed> {
        let mut future = pin!(future);
        // Unconstrained, because a future that exhausts its task's budget at every poll must not disable the timeout.
        let mut limit = pin!(coop::unconstrained(self.sleep_until(deadline)));
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => limit.as_mut().poll(cx).map(|()| Err(Elapsed)),
        })
        .await
    }

    /// Runs `future` for at most `duration` from now, then drops it.
    ///
    /// # Errors
    /// [`Elapsed`] if the time passed first.
    pub async fn timeout<F: Future>(&self, duration: Duration, future: F) -> Result<F::Output, Elapsed> {
        self.timeout_at(self.after(duration), future).await
    }
}
