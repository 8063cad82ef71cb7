//! The wait for one deadline.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::task::coop;

use super::deadlines::Key;
use super::handle::Clock;
use super::shard::Shard;

/// A future that ends when its deadline has come, made by [`Clock::sleep_until`] and [`Clock::sleep`].
///
/// It costs nothing until it is polled, and leaves nothing behind when it is dropped. One that has ended stays ready
/// until it is [`reset`](Self::reset), which is how one `Sleep` serves a whole series of deadlines. It takes part in
/// tokio's cooperative scheduling: a task whose waits are all over already still yields.
#[must_use = "a wait does nothing until it is awaited"]
pub struct Sleep {
    clock: Clock,
    shard: Arc<Shard>,
    deadline: Instant,
    /// The place in the shard, while waiting there.
    key: Option<Key>,
}

impl Sleep {
    pub(super) fn new(clock: Clock, shard: Arc<Shard>, deadline: Instant) -> Self {
        Self { clock, shard, deadline, key: None }
    }

    /// Waits for another deadline instead. The new one counts from the next poll.
    pub fn reset(&mut self, deadline: Instant) {
        self.leave();
        self.deadline = deadline;
    }

    /// What it waits for.
    pub const fn deadline(&self) -> Instant {
        self.deadline
    }

    fn leave(&mut self) {
        if let Some(key) = self.key.take() {
            self.shard.forget(key);
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.clock.is_due(self.deadline) {
            // Whoever is behind its schedule finds every wait over at once: now and then it must let others run.
            ready!(coop::poll_proceed(cx)).made_progress();
            self.leave();
            return Poll::Ready(());
        }
        match self.key {
            Some(key) if self.shard.replace_waker(key, cx.waker()) => Poll::Pending,
            // The driver has taken this waiter since we looked at the clock, so it has found it due.
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
        self.leave();
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
