//! A sliding window: at most the limit's amount in any period.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::algorithm::{Algorithm, LimitView};
use crate::config::Limit;

/// Units that are taken within this part of the period leave the window together, with the last of them: so that the size
/// of the window's table is bounded, and what is admitted is at most this part less than the limit.
const PART: u32 = 256;

/// At most `amount` units in any period.
#[derive(Debug)]
pub(super) struct SlidingWindow {
    amount: u64,
    period: Duration,
    /// In the order of their instants; at most [`PART`] and one.
    taken: VecDeque<Taken>,
    /// The sum of their units.
    used: u64,
}

/// Units that leave the window together.
#[derive(Debug)]
struct Taken {
    first: Instant,
    last: Instant,
    units: u64,
}

impl SlidingWindow {
    pub(super) const fn new(limit: Limit) -> Self {
        Self { amount: limit.amount.get(), period: limit.period, taken: VecDeque::new(), used: 0 }
    }

    fn remove_expired(&mut self, now: Instant) {
        while let Some(oldest) = self.taken.front() {
            if now.saturating_duration_since(oldest.last) < self.period {
                return;
            }
            self.used = self.used.saturating_sub(oldest.units);
            self.taken.pop_front();
        }
    }

    /// The time until `taken` leaves the window.
    fn left(&self, now: Instant, taken: &Taken) -> Duration {
        self.period.saturating_sub(now.saturating_duration_since(taken.last))
    }
}

impl Algorithm for SlidingWindow {
    fn wait(&mut self, now: Instant, units: u64) -> Duration {
        self.remove_expired(now);
        let mut excess = self.used.saturating_add(units).saturating_sub(self.amount);
        if excess == 0 {
            return Duration::ZERO;
        }
        let last = self.taken.iter().find(|taken| {
            excess = excess.saturating_sub(taken.units);
            excess == 0
        });
        last.map_or(self.period, |taken| self.left(now, taken))
    }

    fn take(&mut self, now: Instant, units: u64) {
        self.remove_expired(now);
        self.used = self.used.saturating_add(units);
        let part = self.period / PART;
        match self.taken.back_mut() {
            Some(Taken { first, last, units: before }) if now.saturating_duration_since(*first) < part => {
                *before = before.saturating_add(units);
                *last = now.max(*last);
            }
            Some(_) | None => self.taken.push_back(Taken { first: now, last: now, units }),
        }
    }

    fn settle(&mut self, now: Instant, taken: Instant, reserved: u64, actual: u64) {
        self.remove_expired(now);
        if let Some(additional) = actual.checked_sub(reserved) {
            if additional > 0 {
                self.take(now, additional);
            }
            return;
        }
        let index = self.taken.partition_point(|other| other.last < taken);
        // Units that have left the window are not in it.
        let Some(entry) = self.taken.get_mut(index).filter(|entry| entry.first <= taken) else { return };
        let returned = (reserved - actual).min(entry.units);
        entry.units -= returned;
        self.used = self.used.saturating_sub(returned);
    }

    fn view(&mut self, now: Instant) -> LimitView {
        self.remove_expired(now);
        let newest = self.taken.iter().rfind(|taken| taken.units > 0);
        let reset = newest.map_or(Duration::ZERO, |taken| self.left(now, taken));
        LimitView { limit: self.amount, remaining: self.amount.saturating_sub(self.used), reset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LimitAlgorithm;

    #[test]
    fn take_keeps_a_small_table() {
        let (amount, algorithm) = (1_000_000.try_into().unwrap(), LimitAlgorithm::SlidingWindow);
        let mut window = SlidingWindow::new(Limit { amount, period: Duration::from_secs(60), algorithm });
        let start = Instant::now();
        for ms in 0..200_000 {
            window.take(start + Duration::from_millis(ms), 5);
        }
        assert!(window.taken.len() <= PART as usize + 1, "{}", window.taken.len());
        let used = 5 * 60_000;
        assert!(window.used >= used && window.used <= used + used / u64::from(PART) + 5, "{}", window.used);
    }
}
