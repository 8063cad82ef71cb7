//! A bucket of requests, by the crate `governor`.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use governor::{
    RateLimiter,
    clock::Clock,
    middleware::StateInformationMiddleware,
    nanos::Nanos,
    state::{InMemoryState, NotKeyed},
};

use super::algorithm::LimitView;
use crate::config::{Limit, LimitAlgorithm};

/// The shortest time between two requests: the rate of quotas is in whole nanoseconds.
const REFILL_MIN: Duration = Duration::from_micros(1);

/// A plain bucket of requests.
#[derive(Debug)]
pub(super) struct Quota {
    bucket: RateLimiter<NotKeyed, InMemoryState, RequestClock, StateInformationMiddleware>,
    clock: RequestClock,
    start: Instant,
    size: NonZeroU32,
}

/// The arrival of the request that is checked, in nanoseconds since the start of the quota.
#[derive(Clone, Debug, Default)]
struct RequestClock(Arc<AtomicU64>);

impl Clock for RequestClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(self.0.load(Ordering::Relaxed))
    }
}

impl Quota {
    /// Returns `None` if `limit` is not a bucket that such a quota can count.
    pub(super) fn new(limit: Limit, start: Instant) -> Option<Self> {
        let size = NonZeroU32::new(u32::try_from(limit.amount.get()).ok()?)?;
        // Rounded up: never more than the limit.
        let refill = limit.period.as_nanos().div_ceil(size.get().into());
        let refill = Duration::from_nanos(u64::try_from(refill).ok()?);
        if limit.algorithm != LimitAlgorithm::Bucket || refill < REFILL_MIN {
            return None;
        }
        let clock = RequestClock::default();
        let quota = governor::Quota::with_period(refill)?.allow_burst(size);
        let bucket = RateLimiter::direct_with_clock(quota, clock.clone()).with_middleware();
        Some(Self { bucket, clock, start, size })
    }

    /// Takes a request; fails with the time until there is one. The state is that after it.
    pub(super) fn take(&self, now: Instant) -> (LimitView, Result<(), Duration>) {
        let since = now.saturating_duration_since(self.start).as_nanos();
        self.clock.0.fetch_max(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Relaxed);
        let now = self.clock.now();
        let (remaining, taken) = match self.bucket.check() {
            Ok(state) => (state.remaining_burst_capacity(), Ok(())),
            Err(not_until) => (0, Err(not_until.wait_time_from(now))),
        };
        // The bucket is not full: a request for all of it is refused until it is.
        let reset = match self.bucket.check_n(self.size) {
            Ok(Err(not_until)) => not_until.wait_time_from(now),
            Ok(Ok(_)) | Err(_) => Duration::ZERO,
        };
        (LimitView { limit: self.size.get().into(), remaining: remaining.into(), reset }, taken)
    }
}
