//! A bucket that is refilled continuously.

use std::time::{Duration, Instant};

use super::algorithm::{Algorithm, LimitView};
use crate::config::Limit;

/// A bucket of a limit's amount. What was reserved but not used is put back; more than was reserved is taken when it is
/// known, also from an empty bucket.
#[derive(Debug)]
pub(super) struct Bucket {
    amount: u64,
    period_ns: u128,
    /// What is missing in the bucket, in units times nanoseconds of the period: so that it is exact.
    missing: u128,
    /// When `missing` was computed.
    at: Option<Instant>,
}

impl Bucket {
    pub(super) fn new(limit: Limit) -> Self {
        let (amount, period_ns) = (limit.amount.get(), limit.period.as_nanos());
        Self { amount, period_ns, missing: 0, at: None }
    }

    fn refill(&mut self, now: Instant) {
        let at = self.at.unwrap_or(now);
        let refilled = now.saturating_duration_since(at).as_nanos().saturating_mul(self.amount.into());
        self.missing = self.missing.saturating_sub(refilled);
        self.at = Some(now.max(at));
    }

    fn scaled(&self, units: u64) -> u128 {
        u128::from(units).saturating_mul(self.period_ns)
    }

    /// The time in which `scaled` is refilled, rounded up.
    fn time(&self, scaled: u128) -> Duration {
        let ns = scaled.div_ceil(self.amount.into());
        Duration::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
    }
}

impl Algorithm for Bucket {
    fn wait(&mut self, now: Instant, units: u64) -> Duration {
        self.refill(now);
        let needed = self.missing.saturating_add(self.scaled(units));
        self.time(needed.saturating_sub(self.scaled(self.amount)))
    }

    fn take(&mut self, now: Instant, units: u64) {
        self.refill(now);
        self.missing = self.missing.saturating_add(self.scaled(units));
    }

    fn settle(&mut self, now: Instant, _taken: Instant, reserved: u64, actual: u64) {
        self.refill(now);
        let missing = self.missing.saturating_add(self.scaled(actual));
        self.missing = missing.saturating_sub(self.scaled(reserved));
    }

    fn view(&mut self, now: Instant) -> LimitView {
        self.refill(now);
        let left = self.scaled(self.amount).saturating_sub(self.missing);
        let remaining = u64::try_from(left / self.period_ns.max(1)).unwrap_or(u64::MAX);
        LimitView { limit: self.amount, remaining, reset: self.time(self.missing) }
    }
}
