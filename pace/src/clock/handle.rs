//! The clock.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::runtime::Handle;

use super::inner::{ClockInner, TimeSource};
use super::shard::Shard;
use super::sleep::Sleep;
use super::timer::{EARLY_MIN, KIND, TimerKind, create_timer};

/// A sleep that would overflow the clock ends after this time instead.
const FAR_FUTURE: Duration = Duration::from_secs(30 * 365 * 86_400);

/// The source of time and of all waiting. Cheap to clone.
///
/// On Linux a wait ends some tens of microseconds after its deadline at thousands of waits per second. Each of a few
/// *shards* orders its waiters by deadline and has one `timerfd` set for the earliest; the runtime's event loop polls it,
/// and a driver task wakes all waiters that are due. Deadlines are absolute: a late wait does not delay the next.
///
/// A wait ends at most [`TimerConfig::coalesce`] *before* its deadline, so that one wake-up serves many waiters. In a
/// [simulation](crate::simulate) it ends exactly on time.
///
/// A clock depends on the runtime in which it was started: waits do not end after that has shut down. Its tasks end when
/// the last clone and the last [`Sleep`] are dropped.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<ClockInner>,
}

/// Options of a real [`Clock`].
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct TimerConfig {
    /// The number of independent shards, at most 64. More shards spread the work over the runtime's threads and cost two
    /// file descriptors each; four performed best with 1 000 to 6 000 waiters on two cores.
    pub shards: NonZeroUsize,
    /// How long before its deadline a wait may end, so that one wake-up serves many waiters; at most 10 ms.
    pub coalesce: Duration,
}

const SHARDS_MAX: usize = 64;
const COALESCE_MAX: Duration = Duration::from_millis(10);
const SHARDS_DEFAULT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);

impl Default for TimerConfig {
    /// Four shards, 30 µs.
    fn default() -> Self {
        Self { shards: SHARDS_DEFAULT, coalesce: Duration::from_micros(30) }
    }
}

/// Why a clock could not be started.
#[derive(Debug, Error)]
pub enum TimerError {
    /// Called outside of a tokio runtime.
    #[error("a clock must be started inside a tokio runtime")]
    NoRuntime(#[source] tokio::runtime::TryCurrentError),
    /// Too many shards: each costs two file descriptors and a task.
    #[error("shards: {shards} is out of range; expected a number from 1 to {SHARDS_MAX}")]
    TooManyShards {
        /// The given value.
        shards: NonZeroUsize,
    },
    /// The coalescing window is too long.
    #[error("coalesce: {coalesce:?} is too long; expected at most {COALESCE_MAX:?}")]
    CoalesceTooLong {
        /// The given value.
        coalesce: Duration,
    },
    /// The operating system rejected the timer.
    #[error("cannot create a timer")]
    System(#[source] std::io::Error),
}

/// Returns the instant `duration` after `instant`, or one in the far future on overflow.
pub fn instant_after(instant: Instant, duration: Duration) -> Instant {
    instant.checked_add(duration).unwrap_or_else(|| instant + FAR_FUTURE)
}

impl Clock {
    /// Starts a real clock on the current runtime, whose I/O driver must be enabled (on other systems than Linux, its time
    /// driver).
    ///
    /// # Errors
    /// Fails outside of a runtime, if an option is out of range, or if the system rejects a timer.
    pub fn start(config: TimerConfig) -> Result<Self, TimerError> {
        if config.shards.get() > SHARDS_MAX {
            return Err(TimerError::TooManyShards { shards: config.shards });
        }
        if config.coalesce > COALESCE_MAX {
            return Err(TimerError::CoalesceTooLong { coalesce: config.coalesce });
        }
        let runtime = Handle::try_current().map_err(TimerError::NoRuntime)?;
        let early = config.coalesce.max(EARLY_MIN);
        let shards = (0..config.shards.get())
            .map(|_| {
                let (timer, listener) = create_timer().map_err(TimerError::System)?;
                let shard = Arc::new(Shard::new(Some(timer)));
                runtime.spawn(Shard::drive(Arc::downgrade(&shard), listener, early));
                Ok(shard)
            })
            .collect::<Result<_, TimerError>>()?;
        Ok(Self::new(TimeSource::Real, shards, early))
    }

    /// Creates a clock that stops until [`advance`](Self::advance)d, and the shard of all its waiters.
    pub(super) fn simulated() -> (Self, Arc<Shard>) {
        let shard = Arc::new(Shard::new(None));
        let time = TimeSource::Simulated { start: Instant::now(), passed_ns: AtomicU64::new(0) };
        (Self::new(time, Box::new([Arc::clone(&shard)]), Duration::ZERO), shard)
    }

    fn new(time: TimeSource, shards: Box<[Arc<Shard>]>, early: Duration) -> Self {
        Self { inner: Arc::new(ClockInner { time, shards, next_shard: AtomicUsize::new(0), early }) }
    }

    /// Returns the current instant, real or simulated. Instants of different clocks must not be mixed.
    pub fn now(&self) -> Instant {
        self.inner.now()
    }

    /// Advances a simulated clock to `instant`; it never goes back. No effect on a real clock.
    pub(super) fn advance(&self, instant: Instant) {
        if let TimeSource::Simulated { start, passed_ns } = &self.inner.time {
            let passed = instant.saturating_duration_since(*start).as_nanos();
            passed_ns.fetch_max(u64::try_from(passed).unwrap_or(u64::MAX), Ordering::AcqRel);
        }
    }

    /// Waits until `deadline`; ready at once if it has passed.
    pub fn sleep_until(&self, deadline: Instant) -> Sleep {
        let sequence = self.inner.next_shard.fetch_add(1, Ordering::Relaxed);
        #[expect(clippy::indexing_slicing, reason = "a remainder is below the length, which is not zero")]
        let shard = &self.inner.shards[sequence % self.inner.shards.len()];
        Sleep::new(Arc::clone(&self.inner), Arc::clone(shard), deadline)
    }

    /// Waits for `duration` from now. To pace a series, use [`sleep_until`](Self::sleep_until) with absolute deadlines:
    /// relative waits drift.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until(self.after(duration))
    }

    /// Returns the instant `duration` from now, or one in the far future on overflow.
    pub(super) fn after(&self, duration: Duration) -> Instant {
        instant_after(self.now(), duration)
    }

    /// The number of waiters.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.inner.shards.iter().map(|shard| shard.waiting()).sum()
    }

    /// The precision of this clock.
    pub fn kind(&self) -> TimerKind {
        match self.inner.time {
            TimeSource::Real => KIND,
            TimeSource::Simulated { .. } => TimerKind::Simulated,
        }
    }
}
