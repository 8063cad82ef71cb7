//! A fixed window, which begins with the first request after the end of the previous one.

use std::{
    num::NonZeroU64,
    time::{Duration, Instant},
};

use super::algorithm::{Algorithm, LimitView};

/// At most `amount` units in each window.
#[derive(Debug)]
pub struct FixedWindow {
    amount: u64,
    period: Duration,
    begun: Option<Instant>,
    used: u64,
}

impl FixedWindow {
    /// A window of `period`.
    #[must_use]
    pub const fn new(amount: NonZeroU64, period: Duration) -> Self {
        Self { amount: amount.get(), period, begun: None, used: 0 }
    }

    /// Takes one unit; fails if none is left. The state is that after it.
    pub fn take_one(&mut self, now: Instant) -> Result<LimitView, LimitView> {
        let is_left = self.wait(now, 1).is_zero();
        if is_left {
            self.take(now, 1);
        }
        let view = self.view(now);
        if is_left { Ok(view) } else { Err(view) }
    }

    /// Ends the window.
    pub const fn reset(&mut self) {
        self.begun = None;
        self.used = 0;
    }

    /// The time until the end of the window.
    fn left(&self, now: Instant) -> Duration {
        let passed = self.begun.map(|begun| now.saturating_duration_since(begun));
        passed.map_or(Duration::ZERO, |passed| self.period.saturating_sub(passed))
    }

    fn end_if_over(&mut self, now: Instant) {
        if self.left(now).is_zero() {
            self.reset();
        }
    }
}

impl Algorithm for FixedWindow {
    fn wait(&mut self, now: Instant, units: u64) -> Duration {
        self.end_if_over(now);
        if self.used.saturating_add(units) <= self.amount { Duration::ZERO } else { self.left(now) }
    }

    fn take(&mut self, now: Instant, units: u64) {
        self.end_if_over(now);
        self.begun.get_or_insert(now);
        self.used = self.used.saturating_add(units);
    }

    fn settle(&mut self, now: Instant, taken: Instant, reserved: u64, actual: u64) {
        self.end_if_over(now);
        if let Some(additional) = actual.checked_sub(reserved) {
            if additional > 0 {
                self.take(now, additional);
            }
        } else if self.begun.is_some_and(|begun| begun <= taken) {
            // Units of an earlier window are not in this one.
            self.used = self.used.saturating_sub(reserved - actual);
        }
    }

    fn view(&mut self, now: Instant) -> LimitView {
        self.end_if_over(now);
        let remaining = self.amount.saturating_sub(self.used);
        LimitView { limit: self.amount, remaining, reset: self.left(now) }
    }
}
