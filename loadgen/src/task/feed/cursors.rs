//! How far one worker is in each feed.

use std::sync::atomic::{AtomicU64, Ordering};

use minijinja::value::Value;
use rand::Rng as _;
use weir_pace::Rng;

use super::rows::{Feed, Feeds, Order};

/// One worker's place in every feed. Workers stride through the rows side by side, so that all of them together give out
/// each row once before any comes again, without knowing of each other.
#[derive(Debug)]
pub(crate) struct Cursors {
    /// By feed. Atomic only because what templates see has to be shareable; one thread uses them.
    next: Vec<AtomicU64>,
    stride: u64,
}

impl Cursors {
    /// Those of one of `workers` workers.
    pub(crate) fn new(feeds: &Feeds, worker: u64, workers: u64) -> Self {
        Self { next: feeds.iter().map(|_| AtomicU64::new(worker)).collect(), stride: workers }
    }

    /// The row of the feed at `index` for a request of `user`.
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
