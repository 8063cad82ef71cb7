//! One shard of a clock: the deadlines of a part of its sleeps, and the alarm set for the earliest.

use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::task::Waker;
use std::time::{Duration, Instant};

use super::alarm::{Alarm, Bell};
use super::deadlines::{Deadlines, Key};

/// How many waiters are woken between two looks at the lock: so long and no longer does a burst of deadlines of one
/// instant keep others from registering.
const BATCH_MAX: usize = 128;

#[derive(Debug)]
pub(super) struct Shard {
    state: Mutex<State>,
    /// None in a simulation: there the runtime's idleness moves time on.
    alarm: Option<Alarm>,
}

#[derive(Debug, Default)]
struct State {
    deadlines: Deadlines,
    /// What the alarm is set for, if a ring is to come.
    set_for: Option<Instant>,
}

impl Shard {
    pub(super) fn new(alarm: Option<Alarm>) -> Self {
        Self { state: Mutex::default(), alarm }
    }

    /// Enters a waiter; the alarm is set anew at once if it would ring too late for it.
    pub(super) fn register(&self, deadline: Instant, waker: Waker) -> Key {
        let mut state = self.lock();
        let key = state.deadlines.insert(deadline, waker);
        if state.set_for.is_none_or(|set_for| deadline < set_for) {
            self.set_alarm(&mut state, deadline);
        }
        key
    }

    /// Has `waker` woken instead of the one registered. False if the waiter is not here any more: it was woken.
    pub(super) fn replace_waker(&self, key: Key, waker: &Waker) -> bool {
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

    /// Forgets a waiter, if it is still here. The alarm stays as it is: a ring for nobody is cheaper than setting
    /// it twice.
    pub(super) fn forget(&self, key: Key) {
        let forgotten = self.lock().deadlines.remove(key);
        drop(forgotten);
    }

    /// The earliest deadline that anyone waits for.
    pub(super) fn earliest(&self) -> Option<Instant> {
        self.lock().deadlines.earliest()
    }

    /// Wakes everyone whose deadline is at most `until`, then sets the alarm for the next.
    ///
    /// `due` is room to work in, empty before and after.
    pub(super) fn wake_due(&self, until: Instant, due: &mut Vec<Waker>) {
        loop {
            let mut state = self.lock();
            state.deadlines.take_due(until, due);
            let more = due.len() == due.capacity();
            if !more {
                state.set_for = None;
                if let Some(next) = state.deadlines.earliest() {
                    self.set_alarm(&mut state, next);
                }
            }
            drop(state);
            due.drain(..).for_each(Waker::wake);
            if !more {
                return;
            }
        }
    }

    /// The room that [`wake_due`](Self::wake_due) works in.
    pub(super) fn batch() -> Vec<Waker> {
        Vec::with_capacity(BATCH_MAX)
    }

    /// Wakes waiters as their deadlines come, up to `early` before, until the last owner of the shard is gone.
    ///
    /// The driver owns nothing but its bell; dropping the shard rings it.
    pub(super) async fn drive(shard: Weak<Self>, mut bell: Bell, early: Duration) {
        let mut due = Self::batch();
        while bell.rung().await.is_ok() {
            let Some(shard) = shard.upgrade() else { return };
            shard.wake_due(Instant::now() + early, &mut due);
        }
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lock().deadlines.len()
    }

    // Under the lock, so that two settings cannot overtake each other on their way to the kernel.
    fn set_alarm(&self, state: &mut State, instant: Instant) {
        state.set_for = Some(instant);
        if let Some(alarm) = &self.alarm {
            alarm.set(instant);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No step under the lock leaves the state half done, so a panic elsewhere does not spoil it.
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
    fn the_last_task_that_polled_is_woken() {
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
    fn a_burst_of_one_instant_is_woken_whole() {
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

    /// A task that is dropped with its last waker, and takes another waiter of the same shard with it.
    struct Task(Arc<Shard>, Key);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {}
    }

    impl Drop for Task {
        fn drop(&mut self) {
            self.0.forget(self.1);
        }
    }

    #[test]
    fn a_waker_may_drop_other_waiters() {
        let shard = Arc::new(Shard::new(None));
        let deadline = Instant::now();
        let enter = || {
            let other = shard.register(deadline, Waker::noop().clone());
            shard.register(deadline, Waker::from(Arc::new(Task(Arc::clone(&shard), other))))
        };
        // Each way for a waker to leave would hang if it were dropped under the lock.
        shard.forget(enter());
        assert_eq!(shard.waiting(), 0);
        assert!(shard.replace_waker(enter(), Waker::noop()));
        assert_eq!(shard.waiting(), 1);
        enter();
        shard.wake_due(deadline, &mut Shard::batch());
        assert_eq!(shard.waiting(), 0);
    }
}
