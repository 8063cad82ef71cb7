//! The clock itself: what everything else waits through.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::runtime::Handle;

use super::alarm::{EARLY_MIN, KIND, alarm};
use super::shard::Shard;
use super::sleep::Sleep;

/// A sleep that would overflow the clock ends this much later instead, which is to say never.
const FAR_FUTURE: Duration = Duration::from_secs(30 * 365 * 86_400);

/// The source of time and the only thing to wait through; cloned freely.
///
/// On Linux a wait ends some tens of microseconds after its deadline at thousands of waits a second. Each of a few
/// *shards* keeps its waiters ordered by deadline and has one `timerfd` set for the earliest; the runtime's own event
/// loop hears it, and a small task wakes all who are due. Deadlines are absolute: what is late does not make the next
/// late.
///
/// A wait ends at most [`TimerConfig::coalesce`] *before* its deadline (one wake-up serves many), and never earlier
/// than that. In a [simulation](crate::simulate) it ends exactly on time.
///
/// A clock lives off the runtime that it was started in: waits do not end once that is gone. When the last clone and
/// the last [`Sleep`] are dropped its tasks end.
#[derive(Clone, Debug)]
pub struct Clock {
    works: Arc<Works>,
}

#[derive(Debug)]
struct Works {
    time: Time,
    shards: Box<[Arc<Shard>]>,
    next_shard: AtomicUsize,
    /// How long before its deadline a wait may end.
    early: Duration,
}

#[derive(Debug)]
enum Time {
    Real,
    Simulated { start: Instant, passed_ns: AtomicU64 },
}

/// How finely the waits of a [`Clock`] end.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum TimerKind {
    /// Linux: tens of microseconds late.
    Precise,
    /// Elsewhere: tokio's timer, asked for early by its known bias: a third of a millisecond early or late in the
    /// median, one early at most.
    Coarse,
    /// Inside [`simulate`](crate::simulate): exact, in a time of its own.
    Simulated,
}

impl fmt::Display for TimerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Precise => "precise (timerfd, tens of microseconds)",
            Self::Coarse => "coarse (tokio's timer, about a millisecond)",
            Self::Simulated => "simulated",
        })
    }
}

/// How a real [`Clock`] is built.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct TimerConfig {
    /// Parts that keep time independently, at most 64. More of them spread the work over the runtime's threads and
    /// cost two descriptors each; four did best with 1 000 to 6 000 waiters on two cores.
    pub shards: NonZeroUsize,
    /// How long before its deadline a wait may end so that one wake-up serves many, at most 10 ms.
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
    /// Called where no tokio runtime is running.
    #[error("a clock must be started inside a tokio runtime")]
    NoRuntime(#[source] tokio::runtime::TryCurrentError),
    /// Each shard costs two descriptors and a task.
    #[error("shards: {shards} is too many; a number from 1 to {SHARDS_MAX} is needed")]
    TooManyShards {
        /// What was given.
        shards: NonZeroUsize,
    },
    /// Waits would end much too early.
    #[error("coalesce: {coalesce:?} is too long; {COALESCE_MAX:?} or less is needed")]
    CoalesceTooLong {
        /// What was given.
        coalesce: Duration,
    },
    /// The operating system refused the timer.
    #[error("cannot create a timer")]
    System(#[source] std::io::Error),
}

impl Clock {
    /// Starts a real clock on the current runtime, whose I/O driver must be enabled (its time driver instead, elsewhere
    /// than on Linux).
    ///
    /// # Errors
    /// Outside of a runtime, with figures out of range, or when the system refuses a timer.
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
                let (alarm, bell) = alarm().map_err(TimerError::System)?;
                let shard = Arc::new(Shard::new(Some(alarm)));
                runtime.spawn(Shard::drive(Arc::downgrade(&shard), bell, early));
                Ok(shard)
            })
            .collect::<Result<_, TimerError>>()?;
        Ok(Self::new(Time::Real, shards, early))
    }

    /// A clock that stands still until [`advance`](Self::advance)d, and the shard that holds all who wait for it.
    pub(super) fn simulated() -> (Self, Arc<Shard>) {
        let shard = Arc::new(Shard::new(None));
        let time = Time::Simulated { start: Instant::now(), passed_ns: AtomicU64::new(0) };
        (Self::new(time, Box::new([Arc::clone(&shard)]), Duration::ZERO), shard)
    }

    fn new(time: Time, shards: Box<[Arc<Shard>]>, early: Duration) -> Self {
        Self { works: Arc::new(Works { time, shards, next_shard: AtomicUsize::new(0), early }) }
    }

    /// The present instant: real, or simulated. Instants of different clocks must not be mixed.
    pub fn now(&self) -> Instant {
        match &self.works.time {
            Time::Real => Instant::now(),
            Time::Simulated { start, passed_ns } => {
                *start + Duration::from_nanos(passed_ns.load(Ordering::Acquire))
            }
        }
    }

    /// Moves a simulated clock on to `instant`; it never goes back. A real clock moves by itself.
    pub(super) fn advance(&self, instant: Instant) {
        if let Time::Simulated { start, passed_ns } = &self.works.time {
            let passed = instant.saturating_duration_since(*start).as_nanos();
            passed_ns.fetch_max(u64::try_from(passed).unwrap_or(u64::MAX), Ordering::AcqRel);
        }
    }

    /// Waits until `deadline`; one in the past is ready at once.
    pub fn sleep_until(&self, deadline: Instant) -> Sleep {
        let turn = self.works.next_shard.fetch_add(1, Ordering::Relaxed);
        #[expect(clippy::indexing_slicing, reason = "a remainder is below the length, which is not zero")]
        let shard = &self.works.shards[turn % self.works.shards.len()];
        Sleep::new(self.clone(), Arc::clone(shard), deadline)
    }

    /// Waits for `duration` from now. To pace a series, add up deadlines and use [`sleep_until`](Self::sleep_until):
    /// relative waits drift.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until(self.after(duration))
    }

    /// The instant `duration` from now, or one that nobody lives to see.
    pub(super) fn after(&self, duration: Duration) -> Instant {
        let now = self.now();
        now.checked_add(duration).unwrap_or_else(|| now + FAR_FUTURE)
    }

    /// Whether a wait for `deadline` may end now.
    pub(super) fn is_due(&self, deadline: Instant) -> bool {
        deadline.saturating_duration_since(self.now()) <= self.works.early
    }

    /// How many wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.works.shards.iter().map(|shard| shard.waiting()).sum()
    }

    /// How finely the waits of this clock end.
    pub fn kind(&self) -> TimerKind {
        match self.works.time {
            Time::Real => KIND,
            Time::Simulated { .. } => TimerKind::Simulated,
        }
    }
}
