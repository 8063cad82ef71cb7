//! What is kept for a while: a bounded number of values, the oldest of which go first.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Values by their ids, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Store<V> {
    kept: Mutex<Kept<V>>,
    limits: StoreLimits,
}

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoreLimits {
    pub(crate) count: usize,
    pub(crate) bytes: usize,
}

#[derive(Debug)]
struct Kept<V> {
    places: HashMap<Arc<str>, u64>,
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

/// Which values are wanted, in which order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    /// Those that come after the one of this id.
    pub(crate) after: Option<&'a str>,
    pub(crate) order: Order,
    pub(crate) limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    OldestFirst,
    NewestFirst,
}

/// Some of the values.
#[derive(Debug)]
pub(crate) struct Page<V> {
    pub(crate) values: Vec<Arc<V>>,
    pub(crate) rest: Rest,
}

/// Whether there are more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    More,
    None,
}

impl<V> Store<V> {
    pub(crate) fn new(limits: StoreLimits) -> Self {
        let kept = Kept { places: HashMap::new(), entries: BTreeMap::new(), next: 0, bytes: 0 };
        Self { kept: Mutex::new(kept), limits }
    }

    /// Keeps `value`, which takes about so many bytes. One that is larger than all that may be kept is not.
    pub(crate) fn insert(&self, id: &str, value: V, bytes: usize) {
        if bytes > self.limits.bytes {
            return;
        }
        let mut kept = self.kept();
        kept.remove(id);
        while kept.entries.len() >= self.limits.count || kept.bytes + bytes > self.limits.bytes {
            let Some((_, oldest)) = kept.entries.pop_first() else { return };
            kept.forget(&oldest);
        }
        let (id, place) = (Arc::<str>::from(id), kept.next);
        kept.next += 1;
        kept.bytes += bytes;
        kept.places.insert(Arc::clone(&id), place);
        kept.entries.insert(place, Entry { id, value: Arc::new(value), bytes });
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<V>> {
        let kept = self.kept();
        let place = kept.places.get(id)?;
        kept.entries.get(place).map(|entry| Arc::clone(&entry.value))
    }

    /// Replaces the value of `id` in its place by what `change` makes of it.
    pub(crate) fn update(&self, id: &str, change: impl FnOnce(&V) -> V) -> Option<Arc<V>> {
        let mut kept = self.kept();
        let place = *kept.places.get(id)?;
        let entry = kept.entries.get_mut(&place)?;
        entry.value = Arc::new(change(&entry.value));
        Some(Arc::clone(&entry.value))
    }

    pub(crate) fn remove(&self, id: &str) -> Option<Arc<V>> {
        self.kept().remove(id)
    }

    /// The values that are wanted and that `suits` lets pass; `None` where the id that they come after is not kept.
    pub(crate) fn page(&self, wanted: Wanted<'_>, suits: impl Fn(&V) -> bool) -> Option<Page<V>> {
        let kept = self.kept();
        let after = match wanted.after {
            Some(id) => Some(*kept.places.get(id)?),
            None => None,
        };
        let entries: Box<dyn Iterator<Item = (&u64, &Entry<V>)>> = match (wanted.order, after) {
            (Order::OldestFirst, None) => Box::new(kept.entries.iter()),
            (Order::OldestFirst, Some(after)) => Box::new(kept.entries.range(after.saturating_add(1)..)),
            (Order::NewestFirst, None) => Box::new(kept.entries.iter().rev()),
            (Order::NewestFirst, Some(after)) => Box::new(kept.entries.range(..after).rev()),
        };
        let mut suiting = entries.map(|(_, entry)| &entry.value).filter(|value| suits(value));
        let values = suiting.by_ref().take(wanted.limit).map(Arc::clone).collect();
        let rest = if suiting.next().is_some() { Rest::More } else { Rest::None };
        Some(Page { values, rest })
    }

    fn kept(&self) -> MutexGuard<'_, Kept<V>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> Kept<V> {
    fn remove(&mut self, id: &str) -> Option<Arc<V>> {
        let place = *self.places.get(id)?;
        let entry = self.entries.remove(&place)?;
        self.forget(&entry);
        Some(entry.value)
    }

    fn forget(&mut self, entry: &Entry<V>) {
        self.places.remove(&entry.id);
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
        let page = store.page(Wanted { after, order, limit: 2 }, |value| value != "hidden").unwrap();
        let values: Vec<&str> = page.values.iter().map(|value| value.as_str()).collect();
        format!("{} {:?}", values.join(" "), page.rest)
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many_or_too_large_ones() {
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
    fn pages_follow_one_another_in_either_order() {
        let store = store(9);
        for id in ["a", "b", "hidden", "c"] {
            store.insert(id, id.to_owned(), 1);
        }
        assert_eq!(all(&store, Order::OldestFirst, None), "a b More");
        assert_eq!(all(&store, Order::OldestFirst, Some("b")), "c None");
        assert_eq!(all(&store, Order::NewestFirst, None), "c b More");
        assert_eq!(all(&store, Order::NewestFirst, Some("b")), "a None");
        let wanted = Wanted { after: Some("x"), order: Order::OldestFirst, limit: 1 };
        assert!(store.page(wanted, |_| true).is_none());
        store.update("a", |value| value.to_uppercase());
        assert_eq!(all(&store, Order::OldestFirst, None), "A b More");
    }
}
