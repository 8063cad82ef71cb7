//! The answers that can be asked for once more: a bounded number of them, the newest.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::kept::Kept;
use crate::config::ResponsesConfig;

/// The newest answers, by their ids.
#[derive(Debug)]
pub(crate) struct Store {
    kept_max: usize,
    kept_bytes: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    numbers: HashMap<String, u64>,
    /// By number, so the oldest is the first.
    kept: BTreeMap<u64, Arc<Kept>>,
    next: u64,
    bytes: usize,
}

impl Store {
    pub(crate) fn new(config: &ResponsesConfig) -> Self {
        let ResponsesConfig { kept_max, kept_bytes } = *config;
        Self { kept_max, kept_bytes, state: Mutex::default() }
    }

    /// Keeps an answer, and lets go of the oldest until there is room for it. One that never has room is not
    /// kept.
    pub(super) fn keep(&self, kept: Kept) {
        let bytes = kept.bytes();
        if self.kept_max == 0 || bytes > self.kept_bytes {
            return;
        }
        let mut state = self.lock();
        while state.kept.len() >= self.kept_max || state.bytes + bytes > self.kept_bytes {
            let Some((_, oldest)) = state.kept.pop_first() else { break };
            state.numbers.remove(&oldest.head.id);
            state.bytes -= oldest.bytes();
        }
        let number = state.next;
        state.next += 1;
        state.bytes += bytes;
        state.numbers.insert(kept.head.id.clone(), number);
        state.kept.insert(number, Arc::new(kept));
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<Kept>> {
        let state = self.lock();
        let number = state.numbers.get(id)?;
        state.kept.get(number).map(Arc::clone)
    }

    /// Lets go of one; `None` if it was not there.
    pub(super) fn forget(&self, id: &str) -> Option<Arc<Kept>> {
        let mut state = self.lock();
        let number = state.numbers.remove(id)?;
        let kept = state.kept.remove(&number)?;
        state.bytes -= kept.bytes();
        Some(kept)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use bytes::Bytes;
    use weir_model::{Content, Finish, Lease, Schedule, TokenClock};
    use weir_pace::Seed;

    use super::{
        super::{answer::Head, items::Items, kept::Ground, talk::Talk},
        *,
    };

    fn kept(id: &str, echo_bytes: usize) -> Kept {
        let head = Head {
            id: id.to_owned(),
            created: 0,
            completed: 0,
            input_tokens: 1,
            items: Items::default(),
            echo: Bytes::from(vec![0; echo_bytes]),
        };
        let schedule = Schedule::new(Instant::now(), Duration::ZERO, 1, || Duration::ZERO);
        let lease = Lease {
            content: Content::natural(Seed::new(1), 1, Finish::Stop),
            clock: TokenClock::Planned(schedule),
        };
        Kept::new(Arc::new(head), &lease, Ground::Fore, Box::default(), Talk::default())
    }

    fn ids(store: &Store) -> String {
        let state = store.lock();
        let bytes: usize = state.kept.values().map(|kept| kept.bytes()).sum();
        assert_eq!((state.bytes, state.numbers.len()), (bytes, state.kept.len()));
        state.kept.values().map(|kept| &*kept.head.id).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let store = Store::new(&ResponsesConfig { kept_max: 2, kept_bytes: 1 << 20 });
        for id in ["a", "b", "c"] {
            store.keep(kept(id, 10));
        }
        assert_eq!(ids(&store), "b c");
        assert!(store.get("a").is_none() && store.get("b").is_some());
        assert!(store.forget("b").is_some() && store.forget("b").is_none());
        assert_eq!(ids(&store), "c");
    }

    #[test]
    fn the_oldest_go_when_they_are_too_large() {
        let small = kept("", 0).bytes();
        let store = Store::new(&ResponsesConfig { kept_max: 100, kept_bytes: 4 * small });
        for id in ["a", "b", "c", "d"] {
            store.keep(kept(id, 0));
        }
        assert_eq!(ids(&store), "a b c d");
        store.keep(kept("e", small));
        assert_eq!(ids(&store), "c d e");
        store.keep(kept("too large", 4 * small));
        assert_eq!(ids(&store), "c d e");
    }

    #[test]
    fn nothing_is_kept_where_nothing_may_be() {
        let store = Store::new(&ResponsesConfig { kept_max: 0, kept_bytes: 1 << 20 });
        store.keep(kept("a", 0));
        assert_eq!(ids(&store), "");
    }
}
