//! The state that all clones of a clock and its sleeps share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::shard::Shard;

/// The state that all clones of a clock and its sleeps share.
#[derive(Debug)]
pub(super) struct ClockInner {
    pub(super) time: TimeSource,
    pub(super) shards: Box<[Arc<Shard>]>,
    pub(super) next_shard: AtomicUsize,
    /// How long before its deadline a wait may end.
    pub(super) early: Duration,
}

#[derive(Debug)]
pub(super) enum TimeSource {
    Real,
    Simulated { start: Instant, passed_ns: AtomicU64 },
}

impl ClockInner {
    pub(super) fn now(&self) -> Instant {
        match &self.time {
            TimeSource::Real => Instant::now(),
            TimeSource::Simulated { start, passed_ns } => {
                *start + Duration::from_nanos(passed_ns.load(Ordering::Acquire))
            }
        }
    }

    /// Whether a wait for `deadline` may end now.
    pub(super) fn is_due(&self, deadline: Instant) -> bool {
        deadline.saturating_duration_since(self.now()) <= self.early
    }
}
