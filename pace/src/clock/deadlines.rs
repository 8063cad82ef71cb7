//! The waiters of a shard by deadline.

use std::collections::BTreeMap;
use std::task::Waker;
use std::time::Instant;

/// Identifies a waiter: its deadline, and a sequence number that orders waiters of the same deadline.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WaiterKey {
    deadline: Instant,
    sequence: u64,
}

/// The waiters of one shard, ordered by deadline, then by registration.
///
/// A tree rather than a heap, because a heap keeps the entries of dropped sleeps until their deadline: a load of responses
/// that are cancelled early would grow it without bound.
///
/// Removed wakers are *returned*: dropping one may drop a whole task and its other sleeps, which lock this again; the
/// caller drops them after it has released the lock.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    waiting: BTreeMap<WaiterKey, Waker>,
    next_sequence: u64,
}

impl Deadlines {
    pub(super) fn insert(&mut self, deadline: Instant, waker: Waker) -> WaiterKey {
        let key = WaiterKey { deadline, sequence: self.next_sequence };
        self.next_sequence += 1;
        self.waiting.insert(key, waker);
        key
    }

    pub(super) fn remove(&mut self, key: WaiterKey) -> Option<Waker> {
        self.waiting.remove(&key)
    }

    pub(super) fn waker_mut(&mut self, key: WaiterKey) -> Option<&mut Waker> {
        self.waiting.get_mut(&key)
    }

    pub(super) fn earliest(&self) -> Option<Instant> {
        self.waiting.first_key_value().map(|(key, _)| key.deadline)
    }

    /// Moves the wakers of deadlines up to `until` into `due`, up to its capacity.
    pub(super) fn take_due(&mut self, until: Instant, due: &mut Vec<Waker>) {
        while due.len() < due.capacity()
            && let Some(first) = self.waiting.first_entry()
            && first.key().deadline <= until
        {
            due.push(first.remove());
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::{Arc, Mutex};
    use std::task::Wake;
    use std::time::Duration;

    struct Named(usize, Arc<Mutex<Vec<usize>>>);

    impl Wake for Named {
        fn wake(self: Arc<Self>) {
            self.1.lock().unwrap().push(self.0);
        }
    }

    proptest! {
        #[test]
        fn take_due_orders_by_deadline_then_sequence(
            offsets_ms in prop::collection::vec(0_u64..50, 0..100),
            gone in prop::collection::vec(any::<bool>(), 100),
            until_ms in 0_u64..60,
            room in 1_usize..20,
        ) {
            let start = Instant::now();
            let at = |ms| start + Duration::from_millis(ms);
            let woken = Arc::new(Mutex::new(Vec::new()));
            let mut deadlines = Deadlines::default();
            let keys: Vec<_> = offsets_ms.iter().enumerate()
                .map(|(i, ms)| deadlines.insert(at(*ms), Arc::new(Named(i, Arc::clone(&woken))).into()))
                .collect();
            for (key, _) in keys.iter().zip(&gone).filter(|(_, gone)| **gone) {
                prop_assert!(deadlines.remove(*key).is_some());
                prop_assert!(deadlines.remove(*key).is_none());
            }
            let mut expected: Vec<_> =
                (0..offsets_ms.len()).filter(|i| !gone[*i]).map(|i| (offsets_ms[i], i)).collect();
            expected.sort_unstable();
            prop_assert_eq!(deadlines.earliest(), expected.first().map(|(ms, _)| at(*ms)));

            let mut due = Vec::with_capacity(room);
            while { deadlines.take_due(at(until_ms), &mut due); !due.is_empty() } {
                prop_assert!(due.len() <= due.capacity());
                due.drain(..).for_each(Waker::wake);
            }
            let (now, later): (Vec<_>, Vec<_>) = expected.into_iter().partition(|(ms, _)| *ms <= until_ms);
            let now: Vec<_> = now.into_iter().map(|(_, i)| i).collect();
            prop_assert_eq!(&*woken.lock().unwrap(), &now);
            prop_assert_eq!(deadlines.len(), later.len());
        }
    }
}
