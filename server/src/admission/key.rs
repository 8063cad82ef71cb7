//! The rate limit and the concurrency limit of one key.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, MonotonicClock},
    middleware::StateInformationMiddleware,
    state::{InMemoryState, NotKeyed},
};

use crate::config::Limits;

type Bucket = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, StateInformationMiddleware>;

/// The current usage of one key's limits.
#[derive(Debug)]
pub(super) struct KeyState {
    bucket: Option<LimitedBucket>,
    concurrent_max: Option<NonZeroU32>,
    concurrent: Arc<AtomicU32>,
}

#[derive(Debug)]
struct LimitedBucket {
    bucket: Bucket,
    size: NonZeroU32,
    refill: Duration,
}

/// The state of a key's rate limit, for response headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateView {
    /// Requests that a full bucket holds.
    pub limit: u32,
    /// Requests left now.
    pub remaining: u32,
    /// Time until the bucket is full again.
    pub reset: Duration,
}

/// A call that counts against its key until it is dropped.
#[derive(Debug)]
pub(crate) struct ConcurrencyPermit(Arc<AtomicU32>);

impl Drop for ConcurrencyPermit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Why a request exceeds its key's limits.
#[derive(Debug)]
pub(super) enum Exhausted {
    Requests { view: RateView, retry_after: Duration },
    Concurrent { max: u32 },
}

impl KeyState {
    pub(super) fn new(limits: &Limits) -> Self {
        let bucket = limits.requests.and_then(|rate| {
            let size = NonZeroU32::new(rate.amount().min(f64::from(u32::MAX)) as u32)?;
            let refill = rate.period() / size.get();
            let quota = Quota::with_period(refill)?.allow_burst(size);
            let bucket = RateLimiter::direct_with_clock(quota, MonotonicClock);
            Some(LimitedBucket { bucket: bucket.with_middleware(), size, refill })
        });
        Self { bucket, concurrent_max: limits.concurrent, concurrent: Arc::default() }
    }

    /// Whether a call of the key is in flight.
    pub(super) fn is_in_use(&self) -> bool {
        self.concurrent.load(Ordering::Acquire) > 0
    }

    /// Takes a concurrency permit and a request from the bucket. A refused call takes neither.
    pub(super) fn enter(&self) -> Result<(Option<ConcurrencyPermit>, Option<RateView>), Exhausted> {
        let slot = self.take_slot()?;
        let view = self.bucket.as_ref().map(LimitedBucket::take).transpose()?;
        Ok((slot, view))
    }

    fn take_slot(&self) -> Result<Option<ConcurrencyPermit>, Exhausted> {
        let Some(max) = self.concurrent_max.map(NonZeroU32::get) else { return Ok(None) };
        self.concurrent
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |open| (open < max).then_some(open + 1))
            .map(|_| Some(ConcurrencyPermit(Arc::clone(&self.concurrent))))
            .map_err(|_| Exhausted::Concurrent { max })
    }
}

impl LimitedBucket {
    fn take(&self) -> Result<RateView, Exhausted> {
        match self.bucket.check() {
            Ok(state) => Ok(self.view(state.remaining_burst_capacity())),
            Err(not_until) => {
                let retry_after = not_until.wait_time_from(MonotonicClock.now());
                Err(Exhausted::Requests { view: self.view(0), retry_after })
            }
        }
    }

    fn view(&self, remaining: u32) -> RateView {
        let limit = self.size.get();
        RateView { limit, remaining, reset: self.refill * limit.saturating_sub(remaining) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(requests: Option<&str>, concurrent: Option<u32>) -> KeyState {
        KeyState::new(&Limits {
            requests: requests.map(|rate| rate.parse().unwrap()),
            concurrent: concurrent.and_then(NonZeroU32::new),
        })
    }

    #[test]
    fn enter_with_empty_bucket_returns_the_delay() {
        let key = key(Some("3/h"), None);
        let left: Vec<_> = (0..3).map(|_| key.enter().unwrap().1.unwrap().remaining).collect();
        assert_eq!(left, [2, 1, 0]);
        let Err(Exhausted::Requests { view, retry_after }) = key.enter() else { panic!("a fourth request") };
        assert_eq!((view.limit, view.remaining, view.reset), (3, 0, Duration::from_secs(3_600)));
        assert!(retry_after > Duration::from_secs(1_100) && retry_after <= Duration::from_secs(1_200));
    }

    #[test]
    fn enter_after_calls_ended_succeeds() {
        let key = key(None, Some(2));
        let (first, second) = (key.enter().unwrap(), key.enter().unwrap());
        assert!(matches!(key.enter(), Err(Exhausted::Concurrent { max: 2 })));
        drop(first);
        assert!(key.enter().is_ok());
        drop(second);
    }

    #[test]
    fn enter_at_concurrency_limit_takes_no_request() {
        let key = key(Some("10/h"), Some(1));
        let held = key.enter().unwrap();
        assert!(key.enter().is_err());
        drop(held);
        assert_eq!(key.enter().unwrap().1.unwrap().remaining, 8);
    }
}
