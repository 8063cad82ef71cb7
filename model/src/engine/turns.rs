//! Counts the requests with each body, in a bounded table.

use std::sync::{Mutex, PoisonError};

use quick_cache::unsync::Cache;

/// The number of shards, each with its lock.
const SHARDS: usize = 16;
/// Bodies per shard. A full shard evicts one body for each new one, rarely seen ones first.
const BODIES_PER_SHARD: usize = 4_096;

/// The number of an occurrence of a body. Two turns of one body never share a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Higher for bodies that were added after an eviction, so that an evicted body that occurs again does not get the
    /// same turns.
    epoch: u32,
    /// The number of earlier occurrences within the epoch.
    count: u32,
}

impl Turn {
    /// The turn as a label to derive a seed with.
    pub const fn label(self) -> u64 {
        ((self.epoch as u64) << 32) | self.count as u64
    }
}

#[derive(Debug)]
struct Shard {
    epoch: u32,
    /// The next turn of each body.
    turns: Cache<u64, Turn>,
}

/// Counts the occurrences of each body (a request, by its hash).
#[derive(Debug)]
pub struct TurnTable {
    shards: [Mutex<Shard>; SHARDS],
}

impl Default for TurnTable {
    fn default() -> Self {
        Self::new()
    }
}

impl TurnTable {
    /// An empty table.
    pub fn new() -> Self {
        let shard = |_| Mutex::new(Shard { epoch: 0, turns: Cache::new(BODIES_PER_SHARD) });
        Self { shards: std::array::from_fn(shard) }
    }

    /// Counts an occurrence of `body` and returns its turn.
    pub fn next(&self, body: u64) -> Turn {
        let index = (body >> 60) as usize % SHARDS;
        #[expect(clippy::expect_used, reason = "the index is a remainder by the number of shards")]
        let shard = self.shards.get(index).expect("the index is below the number of shards");
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut next) = shard.turns.get_mut(&body) {
            let turn = *next;
            next.count = turn.count.wrapping_add(1);
            return turn;
        }
        if shard.turns.len() >= BODIES_PER_SHARD {
            shard.epoch = shard.epoch.wrapping_add(1);
        }
        let turn = Turn { epoch: shard.epoch, count: 0 };
        shard.turns.insert(body, Turn { count: 1, ..turn });
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_of_one_body_rises_independently_of_others() {
        let table = TurnTable::new();
        let labels = [7, 7, 8, 7].map(|body| table.next(body).label());
        assert_eq!(labels, [0, 1, 0, 2]);
    }

    #[test]
    fn next_of_many_bodies_stays_bounded_and_never_repeats() {
        let table = TurnTable::new();
        let repeated = 0;
        let mut seen = std::collections::HashSet::new();
        for body in 1..=3 * BODIES_PER_SHARD as u64 {
            table.next(body);
            assert!(seen.insert(table.next(repeated).label()));
        }
        let held: usize = table.shards.iter().map(|shard| shard.lock().unwrap().turns.len()).sum();
        assert!(held <= SHARDS * BODIES_PER_SHARD);
    }

    #[test]
    fn next_with_full_table_evicts_one_body() {
        let table = TurnTable::new();
        let bodies = BODIES_PER_SHARD as u64 + 1;
        let first: Vec<u64> = (0..bodies).map(|body| table.next(body).label()).collect();
        let second: Vec<u64> = (0..bodies).map(|body| table.next(body).label()).collect();
        let remembered = first.iter().zip(&second).filter(|(first, second)| **second == **first + 1).count();
        assert!(remembered > BODIES_PER_SHARD / 2, "{remembered} of {bodies}");
        assert!(first.iter().zip(&second).all(|(first, second)| first != second));
    }
}
