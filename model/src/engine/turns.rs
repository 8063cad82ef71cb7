//! How often a body has come: a bounded table.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Locks are spread over this many parts.
const SHARDS: usize = 16;
/// Bodies that one part remembers; past that it forgets all of them and begins a new epoch.
const BODIES_PER_SHARD: usize = 4_096;

/// Which turn of a body this is. Two turns of one body never share a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Rises when the table had to forget, so that delays are not replayed.
    epoch: u32,
    /// How often the body had come before, within the epoch.
    count: u32,
}

impl Turn {
    /// The turn as a label to derive a seed with.
    pub const fn label(self) -> u64 {
        ((self.epoch as u64) << 32) | self.count as u64
    }
}

#[derive(Debug, Default)]
struct Shard {
    epoch: u32,
    counts: HashMap<u64, u32>,
}

/// Counts how often each body (a request, by its hash) has come.
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
    /// A table that has seen nothing yet.
    pub fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }

    /// The turn that has come now for `body`.
    pub fn next(&self, body: u64) -> Turn {
        let index = (body >> 60) as usize % SHARDS;
        #[expect(clippy::expect_used, reason = "the index is a remainder by the number of shards")]
        let shard = self.shards.get(index).expect("the index is below the number of shards");
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if shard.counts.len() >= BODIES_PER_SHARD && !shard.counts.contains_key(&body) {
            shard.counts.clear();
            shard.epoch = shard.epoch.wrapping_add(1);
        }
        let epoch = shard.epoch;
        let next = shard.counts.entry(body).or_default();
        let count = *next;
        *next = next.wrapping_add(1);
        Turn { epoch, count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_of_one_body_rise_and_bodies_do_not_mix() {
        let table = TurnTable::new();
        let labels = [7, 7, 8, 7].map(|body| table.next(body).label());
        assert_eq!(labels, [0, 1, 0, 2]);
    }

    #[test]
    fn the_table_stays_bounded_and_never_repeats_a_turn_of_a_body() {
        let table = TurnTable::new();
        let repeated = 0;
        let mut seen = std::collections::HashSet::new();
        for body in 1..=3 * BODIES_PER_SHARD as u64 {
            table.next(body);
            assert!(seen.insert(table.next(repeated).label()));
        }
        let held: usize = table.shards.iter().map(|shard| shard.lock().unwrap().counts.len()).sum();
        assert!(held <= SHARDS * BODIES_PER_SHARD);
    }
}
