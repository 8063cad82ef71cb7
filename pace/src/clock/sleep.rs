//! Sleeping until a deadline.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::task::coop;

use super::deadlines::WaiterKey;
use super::inner::ClockInner;
use super::shard::Shard;

/// A future that completes at its deadline, created by [`Clock::sleep_until`](crate::Clock::sleep_until) and
/// [`Clock::sleep`](crate::Clock::sleep).
///
/// It registers when first polled and unregisters on drop. A completed one stays ready until it is
/// [`reset`](Self::reset), so that one `Sleep` can serve a series of deadlines. It takes part in tokio's cooperative
/// scheduling: a task whose deadlines have all passed still yields.
#[must_use = "a wait does nothing until it is awaited"]
pub struct Sleep {
    clock: Arc<ClockInner>,
    shard: Arc<Shard>,
    deadline: Instant,
    /// The registration in the shard, while waiting.
    key: Option<WaiterKey>,
}

impl Sleep {
    pub(super) fn new(clock: Arc<ClockInner>, shard: Arc<Shard>, deadline: Instant) -> Self {
        Self { clock, shard, deadline, key: None }
    }

    /// Sets another deadline, which applies from the next poll.
    pub fn reset(&mut self, deadline: Instant) {
        self.unregister();
        self.deadline = deadline;
    }

    /// The deadline.
    pub const fn deadline(&self) -> Instant {
        self.deadline
    }

    fn unregister(&mut self) {
        if let Some(key) = self.key.take() {
            self.shard.unregister(key);
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.clock.is_due(self.deadline) {
            // A task that is behind its schedule finds every sleep ready: it must yield from time to time.
            ready!(coop::poll_proceed(cx)).made_progress();
            self.unregister();
            return Poll::Ready(());
        }
        match self.key {
            Some(key) if self.shard.replace_waker(key, cx.waker()) => Poll::Pending,
            // The driver has woken this waiter since the check of the clock.
            Some(_) => {
                self.key = None;
                Poll::Ready(())
            }
            None => {
                self.key = Some(self.shard.register(self.deadline, cx.waker().clone()));
                Poll::Pending
            }
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.unregister();
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("deadline", &self.deadline)
            .field("waiting", &self.key.is_some())
            .finish()
    }
}
