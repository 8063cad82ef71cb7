//! The deadlines of the tokens of one call.

mod live;

use std::{
    fmt,
    sync::{Arc, OnceLock},
    task::Waker,
    time::{Duration, Instant},
};

pub use live::{LiveNext, LiveSchedule, LiveState, LiveTimes};
use weir_pace::Rng;

/// From this number of tokens on, adding up their gaps takes milliseconds.
const LONG: u32 = 16_384;

/// The deadlines of tokens. A clone of it owns the call, too: the last one that is dropped cancels it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Schedule {
    /// Every deadline is decided on admission, as with a hosted API.
    Planned(PlannedTimes),
    /// Deadlines are decided while the answer is generated, by an engine whose calls slow each other down.
    Live(LiveSchedule),
}

/// When a token is due, as far as it is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// At this instant, which may have passed.
    At(Instant),
    /// Ask again at this instant.
    AskAt(Instant),
    /// Ask again when the waker is called.
    AskWhenWoken,
}

/// The progress of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is queued or being generated.
    Running,
    /// It is complete.
    Ended,
    /// It was dropped before its end.
    Cancelled,
}

impl Schedule {
    /// Returns when token `index` is due; past the last token, when the answer ends. Fast for rising indices. Tokens that
    /// were produced since the last question of a live schedule are all due at the instant of the first of them.
    pub fn poll_token(&mut self, index: u32, now: Instant, waker: &Waker) -> Due {
        match self {
            Self::Planned(schedule) => Due::At(schedule.planned(index)),
            Self::Live(schedule) => schedule.poll_token(index, now, waker),
        }
    }

    /// Returns when the answer is complete. If it is planned, the first call adds up the gaps of all tokens.
    pub fn poll_end(&mut self, now: Instant, waker: &Waker) -> Due {
        match self {
            Self::Planned(schedule) => Due::At(schedule.end()),
            Self::Live(schedule) => schedule.poll_end(now, waker),
        }
    }

    /// The deadline of the first token, if it is known.
    pub fn first(&self) -> Option<Instant> {
        match self {
            Self::Planned(schedule) => Some(schedule.first()),
            Self::Live(schedule) => schedule.state().first,
        }
    }

    /// The deadline of token `index`, if all are planned.
    pub fn planned(&self, index: u32) -> Option<Instant> {
        match self {
            Self::Planned(schedule) => Some(schedule.clone().planned(index)),
            Self::Live(_) => None,
        }
    }

    /// The instant at which the answer is complete, if it is known. If it is planned, the first call adds up the gaps of all
    /// tokens, unless the last token has been asked for.
    pub fn end(&self) -> Option<Instant> {
        match self {
            Self::Planned(schedule) => Some(schedule.end()),
            Self::Live(schedule) => match schedule.state().next {
                LiveNext::Ended(at) => Some(at),
                LiveNext::AskAt(_) | LiveNext::AskWhenWoken | LiveNext::Cancelled => None,
            },
        }
    }

    /// The time in the engine's queue, and from there to the first token, as far as they are known. `None` if the engine has
    /// no queue.
    pub fn queue_and_prefill(&self) -> Option<(Duration, Option<Duration>)> {
        match self {
            Self::Planned(_) => None,
            Self::Live(schedule) => Some((schedule.state().queued, schedule.state().prefill)),
        }
    }

    /// The progress at `now`.
    pub fn progress(&self, now: Instant) -> Progress {
        match self {
            Self::Planned(schedule) if now < schedule.end() => Progress::Running,
            Self::Planned(_) => Progress::Ended,
            Self::Live(schedule) => match schedule.look(now).next {
                LiveNext::AskAt(_) | LiveNext::AskWhenWoken => Progress::Running,
                LiveNext::Ended(_) => Progress::Ended,
                LiveNext::Cancelled => Progress::Cancelled,
            },
        }
    }

    /// Returns a schedule of the same call that does not own it.
    #[must_use]
    pub fn observer(&self) -> Self {
        match self {
            Self::Planned(schedule) => Self::Planned(schedule.clone()),
            Self::Live(schedule) => Self::Live(schedule.observer()),
        }
    }
}

/// Absolute deadlines: a late token never delays the next.
///
/// Each is drawn when it is needed, so that an open stream does not store its schedule. The seed decides all of them.
#[derive(Clone, Debug)]
pub struct PlannedTimes {
    plan: Arc<Plan>,
    /// What the deadlines are multiplied with.
    scale: f64,
    last: Drawn,
}

/// What decides the deadlines.
struct Plan {
    start: Instant,
    ttft: Duration,
    count: u32,
    gap: Box<dyn Fn(&mut Rng) -> Duration + Send + Sync>,
    /// The state of the generator before the first gap.
    rng: Rng,
    /// The fixed duration of the whole answer.
    total: Option<Duration>,
    /// The duration that the gaps add up to.
    sum: OnceLock<Duration>,
}

/// The deadline drawn last.
#[derive(Clone, Debug)]
struct Drawn {
    /// The index of its token.
    index: u32,
    /// Its offset from the start, neither fixed to a total nor scaled.
    offset: Duration,
    /// The state of the generator before the next gap.
    rng: Rng,
}

impl PlannedTimes {
    /// Plans `count` tokens: the first is due `ttft` after `start`, each other one a gap after the previous one. Gaps are
    /// drawn with `rng`.
    pub fn new(
        start: Instant,
        ttft: Duration,
        count: u32,
        rng: Rng,
        gap: impl Fn(&mut Rng) -> Duration + Send + Sync + 'static,
    ) -> Self {
        let plan = Plan { start, ttft, count, gap: Box::new(gap), rng, total: None, sum: OnceLock::new() };
        Self { last: plan.first(), plan: Arc::new(plan), scale: 1.0 }
    }

    /// Plans `count` tokens that are all due at `start`.
    pub fn at_once(start: Instant, count: u32) -> Self {
        Self::new(start, Duration::ZERO, count, weir_pace::Seed::new(0).rng(), |_| Duration::ZERO)
    }

    /// Returns the schedule stretched to exactly `total`.
    #[must_use]
    pub fn with_total(self, total: Duration) -> Self {
        let Plan { start, ttft, count, rng, .. } = &*self.plan;
        let plan = Plan {
            start: *start,
            ttft: *ttft,
            count: *count,
            rng: rng.clone(),
            gap: {
                let plan = Arc::clone(&self.plan);
                Box::new(move |rng| (plan.gap)(rng))
            },
            total: Some(total),
            sum: self.plan.sum.clone(),
        };
        Self { plan: Arc::new(plan), ..self }
    }

    /// Returns the schedule with every delay multiplied by `factor`.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self { scale: self.scale * factor, ..self }
    }

    pub(crate) fn first(&self) -> Instant {
        let is_last = self.plan.count <= 1;
        self.plan.start + if is_last { self.end_offset() } else { self.stretch(0, self.plan.ttft) }
    }

    pub(crate) fn planned(&mut self, index: u32) -> Instant {
        // The last token and the end are the same instant.
        let offset = if index + 1 >= self.plan.count && self.plan.total.is_some() {
            self.end_offset()
        } else {
            let index = index.min(self.plan.count.saturating_sub(1));
            let drawn = self.drawn(index);
            self.stretch(index, drawn)
        };
        self.plan.start + offset
    }

    pub(crate) fn end(&self) -> Instant {
        // After the last token, there is nothing to add up.
        if self.plan.total.is_none() && self.last.index + 1 == self.plan.count {
            return self.plan.start + self.scale_of(self.last.offset);
        }
        self.plan.start + self.end_offset()
    }

    fn end_offset(&self) -> Duration {
        self.scale_of(self.plan.total.unwrap_or_else(|| self.plan.sum()))
    }

    fn scale_of(&self, offset: Duration) -> Duration {
        if self.scale == 1.0 { offset } else { offset.mul_f64(self.scale) }
    }

    /// Fixes the offset of a token to the total, and scales it.
    fn stretch(&self, index: u32, offset: Duration) -> Duration {
        let Some(total) = self.plan.total else { return self.scale_of(offset) };
        let sum = self.plan.sum();
        let fixed = if sum.is_zero() {
            total.mul_f64(f64::from(index + 1) / f64::from(self.plan.count.max(1)))
        } else {
            offset.mul_f64(total.as_secs_f64() / sum.as_secs_f64()).min(total)
        };
        self.scale_of(fixed)
    }

    /// The offset of token `index` as drawn.
    fn drawn(&mut self, index: u32) -> Duration {
        let Self { plan, last, .. } = self;
        if index < last.index {
            *last = plan.first();
        }
        while last.index < index {
            last.offset = last.offset.saturating_add((plan.gap)(&mut last.rng));
            last.index += 1;
        }
        last.offset
    }
}

impl Plan {
    /// The deadline of the first token.
    fn first(&self) -> Drawn {
        Drawn { index: 0, offset: self.ttft, rng: self.rng.clone() }
    }

    /// The offset of the last token, or the TTFT of an empty answer.
    fn sum(&self) -> Duration {
        let add_up = || {
            let mut rng = self.rng.clone();
            (1..self.count).fold(self.ttft, |at, _| at.saturating_add((self.gap)(&mut rng)))
        };
        *self.sum.get_or_init(|| if self.count < LONG { add_up() } else { weir_pace::block_in_place(add_up) })
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("ttft", &self.ttft)
            .field("count", &self.count)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MS: Duration = Duration::from_millis(1);

    /// A schedule whose gaps follow from the generator: 0 to 31 ms.
    fn schedule(ttft_ms: u32, count: u32) -> PlannedTimes {
        let rng = weir_pace::Seed::new(7).rng();
        PlannedTimes::new(Instant::now(), ttft_ms * MS, count, rng, |rng| {
            (rand::Rng::random::<u32>(rng) >> 27) * MS
        })
    }

    /// The offsets of all tokens.
    fn offsets(mut schedule: PlannedTimes) -> Vec<Duration> {
        let start = schedule.plan.start;
        (0..schedule.plan.count).map(|index| schedule.planned(index) - start).collect()
    }

    #[test]
    fn planned_of_a_long_answer_adds_up_all_gaps() {
        let mut planned = schedule(100, 1_000);
        let mut rng = weir_pace::Seed::new(7).rng();
        let mut at = 100 * MS;
        for index in 0..1_000 {
            assert_eq!(planned.planned(index), planned.plan.start + at);
            at += (rand::Rng::random::<u32>(&mut rng) >> 27) * MS;
        }
        assert_eq!(planned.planned(999), planned.end());
        assert_eq!(planned.planned(5_000), planned.end());
        assert_eq!(planned.planned(0), planned.first());
    }

    #[test]
    fn planned_in_any_order_is_the_same() {
        let all = offsets(schedule(5, 300));
        let mut planned = schedule(5, 300);
        let start = planned.plan.start;
        for index in [299, 0, 64, 63, 150, 149, 299] {
            assert_eq!(planned.planned(index) - start, all[index as usize]);
        }
    }

    #[test]
    fn end_of_empty_schedule_is_the_ttft() {
        let planned = schedule(80, 0);
        assert_eq!(planned.end(), planned.plan.start + 80 * MS);
        assert_eq!(planned.first(), planned.end());
    }

    #[test]
    fn with_total_of_zero_delays_spreads_evenly() {
        let even = PlannedTimes::at_once(Instant::now(), 4).with_total(400 * MS);
        assert_eq!(offsets(even), [100 * MS, 200 * MS, 300 * MS, 400 * MS]);
    }

    proptest! {
        #[test]
        fn with_total_meets_the_total_and_keeps_the_order(
            ttft in 0_u32..500, count in 1_u32..200, total in 1_u32..9_000,
        ) {
            let fixed = schedule(ttft, count).with_total(total * MS);
            prop_assert_eq!(fixed.end(), fixed.plan.start + total * MS);
            let offsets = offsets(fixed);
            prop_assert_eq!(offsets.last(), Some(&(total * MS)));
            prop_assert!(offsets.is_sorted());
        }

        #[test]
        fn scaled_multiplies_all_offsets(count in 1_u32..200, factor in 0.0_f64..10.0) {
            let (plain, scaled) = (schedule(50, count), schedule(50, count).scaled(factor));
            prop_assert_eq!(scaled.end() - scaled.plan.start, (plain.end() - plain.plan.start).mul_f64(factor));
            let expected: Vec<_> = offsets(plain).iter().map(|offset| offset.mul_f64(factor)).collect();
            prop_assert_eq!(offsets(scaled), expected);
        }
    }
}
