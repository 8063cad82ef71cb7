//! How long calls take that share a limited number of permits, for the time after which a refused client may try again.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// The weight of the last call in the mean is one of this number.
const WEIGHT: u64 = 8;
/// The time after which a client may try again, if no call has ended yet.
const RETRY_DEFAULT: Duration = Duration::from_secs(1);
/// Bounds of that time.
const RETRY_MIN: Duration = Duration::from_millis(10);
const RETRY_MAX: Duration = Duration::from_secs(60);

/// The mean duration of recent calls.
#[derive(Debug, Default)]
pub(super) struct ServiceTimes {
    /// In nanoseconds; zero before the first call has ended.
    mean_ns: AtomicU64,
}

impl ServiceTimes {
    /// Adds a call that took `time`.
    pub(super) fn add(&self, time: Duration) {
        let last = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1);
        let mean = |mean: u64| match mean {
            0 => last,
            mean => mean - mean / WEIGHT + last / WEIGHT,
        };
        // The update is never refused.
        let _ = self.mean_ns.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |old| Some(mean(old)));
    }

    /// The expected time until `waiting` calls have begun, of which `at_once` run at a time.
    pub(super) fn retry_after(&self, waiting: usize, at_once: usize) -> Duration {
        let mean = match self.mean_ns.load(Ordering::Relaxed) {
            0 => return RETRY_DEFAULT,
            mean => Duration::from_nanos(mean),
        };
        // One call more than those that wait: the refused one needs a place itself.
        let calls = u32::try_from(waiting.saturating_add(1)).unwrap_or(u32::MAX);
        let at_once = u32::try_from(at_once.max(1)).unwrap_or(u32::MAX);
        (mean.saturating_mul(calls) / at_once).clamp(RETRY_MIN, RETRY_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_queue_length_times_mean_within_bounds() {
        let times = ServiceTimes::default();
        assert_eq!(times.retry_after(10, 1), Duration::from_secs(1));
        times.add(Duration::from_secs(2));
        assert_eq!(times.retry_after(3, 1), Duration::from_secs(8));
        assert_eq!(times.retry_after(3, 4), Duration::from_secs(2));
        assert_eq!(times.retry_after(0, 1_000), RETRY_MIN);
        assert_eq!(times.retry_after(1_000, 1), RETRY_MAX);
        assert_eq!(times.retry_after(usize::MAX, 0), RETRY_MAX);
    }

    #[test]
    fn retry_after_follows_recent_calls() {
        let times = ServiceTimes::default();
        times.add(Duration::from_secs(10));
        (0..60).for_each(|_| times.add(Duration::from_secs(2)));
        let after = times.retry_after(0, 1);
        assert!(after > Duration::from_millis(1_990) && after < Duration::from_millis(2_010), "{after:?}");
    }
}
