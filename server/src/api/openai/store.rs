//! A bounded store that evicts the oldest values.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Values by their ids, in the order of insertion.
#[derive(Debug)]
pub(crate) struct Store<V> {
    state: Mutex<StoreState<V>>,
    limits: StoreLimits,
}

/// The limits of a store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoreLimits {
    pub(crate) count: usize,
    pub(crate) bytes: usize,
}

#[derive(Debug)]
struct StoreState<V> {
    positions: HashMap<Arc<str>, u64>,
    entries: BTreeMap<u64, Entry<V>>,
    next: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Entry<V> {
    id: Arc<str>,
    value: Arc<V>,
    bytes: usize,
}

/// A page of values, and their order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageQuery<'a> {
    /// Only values after this id.
    pub(crate) after: Option<&'a str>,
    pub(crate) order: Order,
    pub(crate) limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    OldestFirst,
    NewestFirst,
}

/// A page of values.
#[derive(Debug)]
pub(crate) struct Page<V> {
    pub(crate) values: Vec<Arc<V>>,
    pub(crate) rest: Remaining,
}

/// Whether more values follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remaining {
    More,
    None,
}

impl<V> Store<V> {
    pub(crate) fn new(limits: StoreLimits) -> Self {
        let state = StoreState { positions: HashMap::new(), entries: BTreeMap::new(), next: 0, bytes: 0 };
        Self { state: Mutex::new(state), limits }
    }

    /// Stores `value` of about `bytes` bytes. A value above the limit of the store is dropped.
    pub(crate) fn insert(&self, id: &str, value: V, bytes: usize) {
        if bytes > self.limits.bytes {
            return;
        }
        let mut state = self.lock();
        state.remove(id);
        while state.entries.len() >= self.limits.count || state.bytes + bytes > self.limits.bytes {
            let Some((_, oldest)) = state.entries.pop_first() else { return };
            state.forget(&oldest);
        }
        let (id, position) = (Arc::<str>::from(id), state.next);
        state.next += 1;
        state.bytes += bytes;
        state.positions.insert(Arc::clone(&id), position);
        state.entries.insert(position, Entry { id, value: Arc::new(value), bytes });
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<V>> {
        let state = self.lock();
        let position = state.positions.get(id)?;
        state.entries.get(position).map(|entry| Arc::clone(&entry.value))
    }

    /// Replaces the value of `id` by the result of `change`, at the same position; `size` is the approximate size of a
    /// value in bytes. Others are evicted if it has grown.
    pub(crate) fn update(
        &self,
        id: &str,
        size: impl Fn(&V) -> usize,
        change: impl FnOnce(&V) -> V,
    ) -> Option<Arc<V>> {
        let mut state = self.lock();
        let position = *state.positions.get(id)?;
        let entry = state.entries.get_mut(&position)?;
        let value = Arc::new(change(&entry.value));
        let (before, bytes) = (entry.bytes, size(&value));
        (entry.value, entry.bytes) = (Arc::clone(&value), bytes);
        state.bytes = state.bytes.saturating_sub(before) + bytes;
        while state.bytes > self.limits.bytes {
            let Some((_, oldest)) = state.entries.pop_first() else { break };
            state.forget(&oldest);
        }
        Some(value)
    }

    pub(crate) fn remove(&self, id: &str) -> Option<Arc<V>> {
        self.lock().remove(id)
    }

    /// Returns the requested values that match; `None` if the id `after` is not stored.
    pub(crate) fn page(&self, wanted: PageQuery<'_>, matches: impl Fn(&V) -> bool) -> Option<Page<V>> {
        let state = self.lock();
        let after = match wanted.after {
            Some(id) => Some(*state.positions.get(id)?),
            None => None,
        };
        let entries: Box<dyn Iterator<Item = (&u64, &Entry<V>)>> = match (wanted.order, after) {
            (Order::OldestFirst, None) => Box::new(state.entries.iter()),
            (Order::OldestFirst, Some(after)) => Box::new(state.entries.range(after.saturating_add(1)..)),
            (Order::NewestFirst, None) => Box::new(state.entries.iter().rev()),
            (Order::NewestFirst, Some(after)) => Box::new(state.entries.range(..after).rev()),
        };
        let mut matching = entries.map(|(_, entry)| &entry.value).filter(|value| matches(value));
        let values = matching.by_ref().take(wanted.limit).map(Arc::clone).collect();
        let rest = if matching.next().is_some() { Remaining::More } else { Remaining::None };
        Some(Page { values, rest })
    }

    fn lock(&self) -> MutexGuard<'_, StoreState<V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> StoreState<V> {
    fn remove(&mut self, id: &str) -> Option<Arc<V>> {
        let position = *self.positions.get(id)?;
        let entry = self.entries.remove(&position)?;
        self.forget(&entry);
        Some(entry.value)
    }

    fn forget(&mut self, entry: &Entry<V>) {
        self.positions.remove(&entry.id);
        self.bytes = self.bytes.saturating_sub(entry.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(count: usize) -> Store<String> {
        Store::new(StoreLimits { count, bytes: 10 })
    }

    fn all(store: &Store<String>, order: Order, after: Option<&str>) -> String {
        let page = store.page(PageQuery { after, order, limit: 2 }, |value| value != "hidden").unwrap();
        let values: Vec<&str> = page.values.iter().map(|value| value.as_str()).collect();
        format!("{} {:?}", values.join(" "), page.rest)
    }

    #[test]
    fn insert_beyond_the_limits_evicts_the_oldest() {
        let store = store(2);
        for id in ["a", "b", "c"] {
            store.insert(id, id.to_owned(), 1);
        }
        assert_eq!((store.get("a"), all(&store, Order::OldestFirst, None).as_str()), (None, "b c None"));
        store.insert("d", "d".to_owned(), 10);
        assert_eq!(all(&store, Order::OldestFirst, None), "d None");
        store.insert("e", "e".to_owned(), 11);
        assert!(store.get("e").is_none() && store.get("d").is_some());
        assert!(store.remove("d").is_some() && store.remove("d").is_none());
        store.insert("f", "f".to_owned(), 10);
        assert_eq!(all(&store, Order::OldestFirst, None), "f None");
    }

    #[test]
    fn update_that_grows_evicts_the_oldest() {
        let store = store(9);
        for id in ["a", "b", "c"] {
            store.insert(id, id.to_owned(), 1);
        }
        assert!(store.update("c", String::len, |_| "123456789".to_owned()).is_some());
        assert_eq!(all(&store, Order::OldestFirst, None), "b 123456789 None");
        assert!(store.update("b", String::len, |_| "12".to_owned()).is_some());
        assert_eq!(all(&store, Order::OldestFirst, None), "123456789 None");
        assert!(store.update("c", String::len, |_| "longer than the limit".to_owned()).is_some());
        assert!(store.get("c").is_none());
    }

    #[test]
    fn page_after_id_continues_in_either_order() {
        let store = store(9);
        for id in ["a", "b", "hidden", "c"] {
            store.insert(id, id.to_owned(), 1);
        }
        assert_eq!(all(&store, Order::OldestFirst, None), "a b More");
        assert_eq!(all(&store, Order::OldestFirst, Some("b")), "c None");
        assert_eq!(all(&store, Order::NewestFirst, None), "c b More");
        assert_eq!(all(&store, Order::NewestFirst, Some("b")), "a None");
        let wanted = PageQuery { after: Some("x"), order: Order::OldestFirst, limit: 1 };
        assert!(store.page(wanted, |_| true).is_none());
        store.update("a", String::len, |value| value.to_uppercase());
        assert_eq!(all(&store, Order::OldestFirst, None), "A b More");
    }
}
