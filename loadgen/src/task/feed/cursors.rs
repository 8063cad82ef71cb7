//! The positions of a worker in the feeds.

use std::sync::atomic::{AtomicU64, Ordering};

use minijinja::value::Value;
use rand::Rng as _;
use weir_pace::Rng;

use super::rows::{Feed, Feeds, Order};

/// The position of one worker in every feed. Each worker takes every n-th row of n workers, so that together they take each
/// row once before they repeat one, without synchronisation.
#[derive(Debug)]
pub(crate) struct Cursors {
    /// The next row by feed. Atomic only because objects of templates must be `Sync`; one thread uses them.
    next: Vec<AtomicU64>,
    stride: u64,
}

impl Cursors {
    /// Returns the positions of one of `workers` workers, at their start.
    pub(crate) fn new(feeds: &Feeds, worker: u64, workers: u64) -> Self {
        Self { next: feeds.iter().map(|_| AtomicU64::new(worker)).collect(), stride: workers }
    }

    /// Takes the row of the feed at `index` for a request of `user`.
    pub(crate) fn take(&self, feed: &Feed, index: usize, user: u64, rng: &mut Rng) -> Option<Value> {
        let count = feed.rows.len() as u64;
        let row = match feed.order {
            Order::Sequential => self.next.get(index)?.fetch_add(self.stride, Ordering::Relaxed),
            Order::Random => rng.random_range(0..count.max(1)),
            Order::Unique => user,
        };
        let row = usize::try_from(row.checked_rem(count)?).ok()?;
        feed.rows.get(row).cloned()
    }
}
