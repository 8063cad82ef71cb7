//! A shard of a clock: the deadlines of a part of its sleeps, and the timer set for the earliest.

use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::task::Waker;
use std::time::{Duration, Instant};

use super::deadlines::{Deadlines, WaiterKey};
use super::timer::{Timer, TimerListener};

/// The largest number of waiters woken before the lock is released, which bounds how long a burst of deadlines of the same
/// instant keeps others from registering.
const BATCH_MAX: usize = 128;

#[derive(Debug)]
pub(super) struct Shard {
    state: Mutex<ShardState>,
    /// `None` in a simulation, where time advances when the runtime is idle.
    timer: Option<Timer>,
}

#[derive(Debug, Default)]
struct ShardState {
    deadlines: Deadlines,
    /// The instant for which the timer is set, if it has not expired.
    timer_set_for: Option<Instant>,
}

impl Shard {
    pub(super) fn new(timer: Option<Timer>) -> Self {
        Self { state: Mutex::default(), timer }
    }

    /// Registers a waiter; sets the timer if it would expire too late for it.
    pub(super) fn register(&self, deadline: Instant, waker: Waker) -> WaiterKey {
        let mut state = self.lock();
        let key = state.deadlines.insert(deadline, waker);
        if state.timer_set_for.is_none_or(|timer_set_for| deadline < timer_set_for) {
            self.set_timer_for(&mut state, deadline);
        }
        key
    }

    /// Replaces the registered waker. Returns false if the waiter is no longer registered because it was woken.
    pub(super) fn replace_waker(&self, key: WaiterKey, waker: &Waker) -> bool {
        let mut state = self.lock();
        let Some(registered) = state.deadlines.waker_mut(key) else { return false };
        if registered.will_wake(waker) {
            return true;
        }
        let replaced = std::mem::replace(registered, waker.clone());
        drop(state);
        drop(replaced);
        true
    }

    /// Removes a waiter, if it is still registered. Keeps the timer as it is: an unnecessary expiration is cheaper than
    /// setting it twice.
    pub(super) fn unregister(&self, key: WaiterKey) {
        let removed = self.lock().deadlines.remove(key);
        drop(removed);
    }

    /// Returns the earliest deadline.
    pub(super) fn earliest(&self) -> Option<Instant> {
        self.lock().deadlines.earliest()
    }

    /// Wakes all waiters with a deadline of at most `until`, then sets the timer for the next.
    ///
    /// `due` is a scratch buffer, empty before and after.
    pub(super) fn wake_due(&self, until: Instant, due: &mut Vec<Waker>) {
        loop {
            let mut state = self.lock();
            state.deadlines.take_due(until, due);
            let more = due.len() == due.capacity();
            if !more {
                state.timer_set_for = None;
                if let Some(next) = state.deadlines.earliest() {
                    self.set_timer_for(&mut state, next);
                }
            }
            drop(state);
            due.drain(..).for_each(Waker::wake);
            if !more {
                return;
            }
        }
    }

    /// Creates the scratch buffer of [`wake_due`](Self::wake_due).
    pub(super) fn batch() -> Vec<Waker> {
        Vec::with_capacity(BATCH_MAX)
    }

    /// Wakes waiters up to `early` before their deadlines, until the last owner of the shard is dropped.
    ///
    /// The driver owns only its listener, which is notified when the shard is dropped.
    pub(super) async fn drive(shard: Weak<Self>, mut listener: TimerListener, early: Duration) {
        let mut due = Self::batch();
        while listener.expired().await.is_ok() {
            let Some(shard) = shard.upgrade() else { return };
            shard.wake_due(Instant::now() + early, &mut due);
        }
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lock().deadlines.len()
    }

    // Called under the lock, so that two settings reach the kernel in order.
    fn set_timer_for(&self, state: &mut ShardState, instant: Instant) {
        state.timer_set_for = Some(instant);
        if let Some(timer) = &self.timer {
            timer.set(instant);
        }
    }

    fn lock(&self) -> MutexGuard<'_, ShardState> {
        // No operation under the lock leaves an inconsistent state, so a poisoned lock can be used.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn counting() -> (Arc<Count>, Waker) {
        let count = Arc::new(Count::default());
        (Arc::clone(&count), Waker::from(count))
    }

    #[test]
    fn wake_due_wakes_last_registered_waker() {
        let shard = Shard::new(None);
        let deadline = Instant::now();
        let ((first, first_waker), (last, last_waker)) = (counting(), counting());
        let key = shard.register(deadline, first_waker);
        assert!(shard.replace_waker(key, &last_waker));
        shard.wake_due(deadline, &mut Shard::batch());
        assert_eq!((first.0.load(Ordering::Relaxed), last.0.load(Ordering::Relaxed)), (0, 1));
        assert!(!shard.replace_waker(key, &last_waker), "a waiter that was woken is not here any more");
    }

    #[test]
    fn wake_due_wakes_whole_burst() {
        let shard = Shard::new(None);
        let deadline = Instant::now();
        let (count, waker) = counting();
        for _ in 0..3 * BATCH_MAX {
            shard.register(deadline, waker.clone());
        }
        shard.register(deadline + Duration::from_nanos(1), waker);
        shard.wake_due(deadline, &mut Shard::batch());
        assert_eq!((count.0.load(Ordering::Relaxed), shard.waiting()), (3 * BATCH_MAX, 1));
    }

    /// A task that is dropped with its last waker and then drops another waiter of the same shard.
    struct Task(Arc<Shard>, WaiterKey);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {}
    }

    impl Drop for Task {
        fn drop(&mut self) {
            self.0.unregister(self.1);
        }
    }

    #[test]
    fn removed_waker_may_drop_other_waiters() {
        let shard = Arc::new(Shard::new(None));
        let deadline = Instant::now();
        let enter = || {
            let other = shard.register(deadline, Waker::noop().clone());
            shard.register(deadline, Waker::from(Arc::new(Task(Arc::clone(&shard), other))))
        };
        // Each of these removals would deadlock if it dropped the waker under the lock.
        shard.unregister(enter());
        assert_eq!(shard.waiting(), 0);
        assert!(shard.replace_waker(enter(), Waker::noop()));
        assert_eq!(shard.waiting(), 1);
        enter();
        shard.wake_due(deadline, &mut Shard::batch());
        assert_eq!(shard.waiting(), 0);
    }
}
