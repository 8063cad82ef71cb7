//! Counts the requests that match a rule: `first` and `every_nth`.

use std::{
    num::NonZeroU64,
    sync::{Mutex, PoisonError},
};

use quick_cache::unsync::Cache;

/// Maximum kinds that one rule counts separately. A full table evicts one for a new one, rarely seen ones first.
const KINDS_MAX: usize = 4_096;

/// Which requests of a kind a rule selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turns {
    /// The first ones.
    First(NonZeroU64),
    /// Each one whose number is a multiple.
    EveryNth(NonZeroU64),
}

impl Turns {
    /// Whether the request with this number, from 1, is selected.
    const fn select(self, number: u64) -> bool {
        match self {
            Self::First(count) => number <= count.get(),
            Self::EveryNth(n) => number.is_multiple_of(n.get()),
        }
    }
}

/// The counts of one rule.
#[derive(Debug)]
pub(super) struct Counts {
    turns: Turns,
    /// Requests so far, by kind.
    seen: Mutex<Cache<u64, u64>>,
}

impl Counts {
    pub(super) fn new(turns: Turns) -> Self {
        Self { turns, seen: Mutex::new(Cache::new(KINDS_MAX)) }
    }

    /// Counts a request of `kind`, and returns whether it is selected.
    pub(super) fn count(&self, kind: u64) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut count) = seen.get_mut(&kind) {
            *count = count.saturating_add(1);
            return self.turns.select(*count);
        }
        seen.insert(kind, 1);
        self.turns.select(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(turns: fn(NonZeroU64) -> Turns, number: u64, kinds: &[u64]) -> Vec<bool> {
        let counts = Counts::new(turns(NonZeroU64::new(number).unwrap()));
        kinds.iter().map(|kind| counts.count(*kind)).collect()
    }

    #[test]
    fn count_selects_first_of_each_kind() {
        assert_eq!(selected(Turns::First, 2, &[1, 1, 1, 1]), [true, true, false, false]);
        assert_eq!(selected(Turns::First, 1, &[1, 2, 1, 2]), [true, true, false, false]);
    }

    #[test]
    fn count_selects_every_nth_of_each_kind() {
        assert_eq!(
            selected(Turns::EveryNth, 3, &[1, 1, 1, 1, 1, 1]),
            [false, false, true, false, false, true]
        );
        assert_eq!(selected(Turns::EveryNth, 2, &[1, 2, 1, 2]), [false, false, true, true]);
    }

    #[test]
    fn count_of_many_kinds_stays_bounded() {
        let counts = Counts::new(Turns::First(NonZeroU64::MIN));
        for kind in 0..3 * KINDS_MAX as u64 {
            assert!(counts.count(kind));
        }
        assert!(counts.seen.lock().unwrap().len() <= KINDS_MAX);
    }
}
