//! The deadlines of the tokens of one call.

use std::time::{Duration, Instant};

/// The deadlines of tokens. An engine that decides everything on admission plans the whole schedule.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Schedule {
    /// Every deadline is known on admission, as with a hosted API.
    Planned(PlannedTimes),
}

impl Schedule {
    /// The number of tokens that are due at `now`.
    pub fn due(&self, now: Instant) -> u32 {
        match self {
            Self::Planned(schedule) => schedule.due(now),
        }
    }

    /// The deadline of token `index`; past the last token, the end of the answer.
    pub fn planned(&self, index: u32) -> Instant {
        match self {
            Self::Planned(schedule) => schedule.planned(index),
        }
    }

    /// The instant at which the answer is complete.
    pub fn end(&self) -> Instant {
        match self {
            Self::Planned(schedule) => schedule.end(),
        }
    }
}

/// Absolute deadlines: a late token never delays the next.
///
/// An open stream stores its whole schedule, so a deadline takes four bytes: in ticks of the shortest length
/// with which the end fits, one nanosecond for up to 4.3 s and 1 µs for more than an hour.
#[derive(Clone, Debug)]
pub struct PlannedTimes {
    start: Instant,
    tick: Duration,
    /// Offset of each token from the start in ticks, never falling.
    offsets: Box<[u32]>,
    /// Offset of the end: that of the last token, or the TTFT in an empty answer.
    end: Duration,
}

impl PlannedTimes {
    /// Plans `count` tokens: the first is due `ttft` after `start`, each other one a gap after the previous one.
    pub fn new(start: Instant, ttft: Duration, count: u32, mut gap: impl FnMut() -> Duration) -> Self {
        let mut at = ttft;
        let mut offsets = Vec::with_capacity(count as usize);
        for index in 0..count {
            if index > 0 {
                at = at.saturating_add(gap());
            }
            offsets.push(at);
        }
        Self::of_offsets(start, &offsets, at)
    }

    fn of_offsets(start: Instant, offsets: &[Duration], end: Duration) -> Self {
        // In 64 bits, enough for 584 years: dividing wider integers needs a function call.
        let ns = |duration: &Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let tick = ns(&end).div_ceil(u32::MAX.into()).max(1);
        let ticks = |offset: &Duration| u32::try_from(ns(offset) / tick).unwrap_or(u32::MAX);
        let offsets = offsets.iter().map(ticks).collect();
        Self { start, tick: Duration::from_nanos(tick), offsets, end }
    }

    /// Returns the schedule stretched to exactly `total`.
    #[must_use]
    pub fn with_total(self, total: Duration) -> Self {
        let count = self.offsets.len();
        if !self.end.is_zero() {
            return self.stretched(total.as_secs_f64() / self.end.as_secs_f64(), total);
        }
        let even = |index: usize| total.mul_f64((index + 1) as f64 / count as f64);
        Self::of_offsets(self.start, &(0..count).map(even).collect::<Vec<_>>(), total)
    }

    /// Returns the schedule with every delay multiplied by `factor`.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        let end = self.end.mul_f64(factor);
        self.stretched(factor, end)
    }

    fn stretched(&self, factor: f64, end: Duration) -> Self {
        let offsets: Vec<_> = self.offsets().map(|offset| offset.mul_f64(factor).min(end)).collect();
        Self::of_offsets(self.start, &offsets, end)
    }

    /// Offsets of all tokens from the start.
    pub fn offsets(&self) -> impl Iterator<Item = Duration> {
        let last = self.offsets.len().saturating_sub(1);
        self.offsets.iter().enumerate().map(move |(index, ticks)| {
            // The last token and the end are the same instant, whatever the length of a tick.
            if index == last { self.end } else { self.tick * *ticks }
        })
    }

    fn due(&self, now: Instant) -> u32 {
        let passed = now.saturating_duration_since(self.start);
        if passed >= self.end {
            return self.offsets.len() as u32;
        }
        let due = self.offsets.partition_point(|ticks| self.tick * *ticks <= passed);
        due.min(self.offsets.len().saturating_sub(1)) as u32
    }

    fn planned(&self, index: u32) -> Instant {
        let before_last = index as usize + 1 < self.offsets.len();
        let ticks = self.offsets.get(index as usize).filter(|_| before_last);
        self.start + ticks.map_or(self.end, |ticks| self.tick * *ticks)
    }

    fn end(&self) -> Instant {
        self.start + self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MS: Duration = Duration::from_millis(1);

    fn schedule(ttft_ms: u32, gaps_ms: &[u32]) -> PlannedTimes {
        let mut gaps = gaps_ms.iter();
        let count = gaps_ms.len() as u32 + 1;
        PlannedTimes::new(Instant::now(), ttft_ms * MS, count, || *gaps.next().unwrap() * MS)
    }

    #[test]
    fn due_counts_tokens_at_their_absolute_instants() {
        let planned = schedule(100, &[20, 30]);
        let start = planned.start;
        let clock = Schedule::Planned(planned);
        assert_eq!(clock.due(start + 99 * MS), 0);
        assert_eq!(clock.due(start + 100 * MS), 1);
        assert_eq!(clock.due(start + 149 * MS), 2);
        assert_eq!(clock.due(start + 150 * MS), 3);
        assert_eq!(clock.planned(1), start + 120 * MS);
        assert_eq!(clock.end(), start + 150 * MS);
    }

    #[test]
    fn end_of_empty_schedule_is_the_ttft() {
        let start = Instant::now();
        let clock = Schedule::Planned(PlannedTimes::new(start, 80 * MS, 0, || MS));
        assert_eq!(clock.due(start + 200 * MS), 0);
        assert_eq!(clock.end(), start + 80 * MS);
    }

    #[test]
    fn with_total_of_zero_delays_spreads_evenly() {
        let even = schedule(0, &[0, 0, 0]).with_total(400 * MS);
        assert!(even.offsets().eq([100 * MS, 200 * MS, 300 * MS, 400 * MS]));
    }

    proptest! {
        #[test]
        fn with_total_meets_the_total_and_keeps_the_order(
            ttft in 0_u32..500, gaps in prop::collection::vec(0_u32..80, 0..60), total in 1_u32..9_000,
        ) {
            let fixed = schedule(ttft, &gaps).with_total(total * MS);
            prop_assert_eq!(fixed.offsets().last(), Some(total * MS));
            prop_assert!(fixed.offsets().is_sorted());
        }

        #[test]
        fn offsets_are_exact_to_the_microsecond_for_an_hour(
            ttft_us in 0_u64..5_000_000, gaps_us in prop::collection::vec(0_u64..40_000_000, 1..80),
        ) {
            let mut gaps = gaps_us.iter().map(|us| Duration::from_micros(*us));
            let count = gaps_us.len() as u32 + 1;
            let start = Instant::now();
            let schedule = PlannedTimes::new(start, Duration::from_micros(ttft_us), count, || gaps.next().unwrap());
            let mut asked_us = ttft_us;
            for (index, gap_us) in (0..).zip(gaps_us.iter().chain([&0])) {
                let kept = schedule.planned(index) - start;
                prop_assert!(kept.abs_diff(Duration::from_micros(asked_us)) < Duration::from_micros(1));
                asked_us += gap_us;
            }
        }
    }
}
