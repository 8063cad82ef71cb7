//! The export queue of traces. Exports are computed lazily at each access, so that there
//! is no background task.

use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    time::{Duration, Instant},
};

use weir_pace::{Latency, Rng};

/// Traces per batch, as in the reference system.
const BATCH: usize = 20;

/// A bounded queue before an exporter that sends one batch at a time. A batch is sent when it is full, or
/// when its first trace has waited for the maximum time.
#[derive(Debug)]
pub(super) struct Queue {
    /// When each trace was added, the oldest first.
    waiting: VecDeque<Instant>,
    capacity: usize,
    flush_interval: Duration,
    export_time: Latency,
    rng: Rng,
    /// When the exporter finishes its last batch.
    free_at: Option<Instant>,
    exported: u64,
    batches: u64,
    dropped: u64,
}

/// Statistics of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QueueStats {
    pub(super) depth: usize,
    pub(super) capacity: usize,
    pub(super) batch_size: usize,
    pub(super) exported: u64,
    pub(super) batches: u64,
    pub(super) dropped: u64,
}

/// The result of adding a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PutResult {
    Queued,
    Dropped,
}

impl Queue {
    pub(super) const fn new(
        capacity: NonZeroUsize,
        flush_interval: Duration,
        export_time: Latency,
        rng: Rng,
    ) -> Self {
        Self {
            waiting: VecDeque::new(),
            capacity: capacity.get(),
            flush_interval,
            export_time,
            rng,
            free_at: None,
            exported: 0,
            batches: 0,
            dropped: 0,
        }
    }

    /// Adds a trace at `now`, which is monotonic.
    pub(super) fn put(&mut self, now: Instant) -> PutResult {
        self.export(now);
        if self.waiting.len() >= self.capacity {
            self.dropped += 1;
            return PutResult::Dropped;
        }
        self.waiting.push_back(now);
        self.export(now);
        PutResult::Queued
    }

    pub(super) fn stats(&mut self, now: Instant) -> QueueStats {
        self.export(now);
        QueueStats {
            depth: self.waiting.len(),
            capacity: self.capacity,
            batch_size: self.batch_size(),
            exported: self.exported,
            batches: self.batches,
            dropped: self.dropped,
        }
    }

    /// A batch is at most as large as the queue.
    fn batch_size(&self) -> usize {
        BATCH.min(self.capacity)
    }

    /// Sends all batches that were ready by `now`.
    fn export(&mut self, now: Instant) {
        while let Some(start) = self.next_batch().filter(|start| *start <= now) {
            let ready = self.waiting.iter().take(self.batch_size()).take_while(|put| **put <= start).count();
            self.waiting.drain(..ready);
            self.exported += ready as u64;
            self.batches += 1;
            self.free_at = Some(start + self.export_time.sample(&mut self.rng));
        }
    }

    /// When the next batch is sent, unless more traces arrive.
    fn next_batch(&self) -> Option<Instant> {
        let full = self.waiting.get(self.batch_size() - 1).copied();
        let stale = self.waiting.front()?.checked_add(self.flush_interval);
        let ready = match (full, stale) {
            (Some(full), Some(stale)) => full.min(stale),
            (one, other) => one.or(other)?,
        };
        Some(self.free_at.map_or(ready, |free| free.max(ready)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_pace::Seed;

    const fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    /// Exports take 10 ms, a batch waits for 1 s.
    fn queue(capacity: usize) -> Queue {
        let export_time = Latency::constant(ms(10));
        Queue::new(NonZeroUsize::new(capacity).unwrap(), ms(1_000), export_time, Seed::new(1).rng())
    }

    fn counts(queue: &mut Queue, now: Instant) -> (usize, u64, u64, u64) {
        let stats = queue.stats(now);
        (stats.depth, stats.exported, stats.batches, stats.dropped)
    }

    #[test]
    fn put_full_batch_is_exported_when_the_exporter_is_free() {
        let (mut queue, start) = (queue(100), Instant::now());
        for _ in 0..50 {
            assert_eq!(queue.put(start), PutResult::Queued);
        }
        assert_eq!(counts(&mut queue, start), (30, 20, 1, 0));
        assert_eq!(counts(&mut queue, start + ms(9)), (30, 20, 1, 0));
        assert_eq!(counts(&mut queue, start + ms(10)), (10, 40, 2, 0));
        // The rest does not fill a batch: it waits for its time.
        assert_eq!(counts(&mut queue, start + ms(999)), (10, 40, 2, 0));
        assert_eq!(counts(&mut queue, start + ms(1_000)), (0, 50, 3, 0));
    }

    #[test]
    fn export_batch_has_the_traces_at_its_start() {
        let (mut queue, start) = (queue(100), Instant::now());
        queue.put(start);
        // Nobody looks for two seconds: the first trace has left alone meanwhile.
        queue.put(start + ms(2_000));
        assert_eq!(counts(&mut queue, start + ms(2_000)), (1, 1, 1, 0));
        assert_eq!(counts(&mut queue, start + ms(3_000)), (0, 2, 2, 0));
    }

    #[test]
    fn put_beyond_the_limit_drops_and_counts() {
        let (mut queue, start) = (queue(30), Instant::now());
        let dropped = (0..100).filter(|_| queue.put(start) == PutResult::Dropped).count();
        // A batch left at once, thirty wait.
        assert_eq!((dropped, counts(&mut queue, start)), (50, (30, 20, 1, 50)));
    }

    #[test]
    fn put_into_small_queue_still_exports() {
        let (mut queue, start) = (queue(3), Instant::now());
        for _ in 0..3 {
            queue.put(start);
        }
        assert_eq!(counts(&mut queue, start), (0, 3, 1, 0));
    }
}
