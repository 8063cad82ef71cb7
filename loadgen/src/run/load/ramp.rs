//! When users join and leave.

use std::sync::Arc;
use std::time::Duration;

use weir_pace::{Curve, Segment};

/// The changes of one worker's number of users, in order, so that the number of all users follows a curve.
///
/// Users are numbered from 0 over all workers, and each of n workers has every n-th of them. User k runs while the curve is
/// above k, so a worker needs neither the other workers nor a list to know when its users join and leave.
#[derive(Clone, Debug)]
pub(super) struct RampSchedule {
    curve: Arc<Curve>,
    index: usize,
    workers: usize,
    /// The current segment of the curve.
    segment: usize,
    part: SegmentPart,
}

/// A change of the number of users by one.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct RampStep {
    /// From the start of the curve.
    pub(super) offset: Duration,
    pub(super) change: UserChange,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum UserChange {
    Join,
    /// The user who joined last leaves.
    Leave,
}

/// The part of a segment that is next: its start, where the curve may jump, or the rest.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum SegmentPart {
    Start,
    Rest,
}

impl RampSchedule {
    pub(super) fn new(curve: Arc<Curve>, index: usize, workers: usize) -> Self {
        Self { curve, index, workers, segment: 0, part: SegmentPart::Start }
    }

    /// The number of the user who joins a worker with `count` users.
    pub(super) fn number(&self, count: usize) -> u64 {
        (self.index + count * self.workers) as u64
    }

    /// Returns the next change of a worker with `count` users, or `None` after the last. Repeated calls return the same
    /// change until `count` changes.
    pub(super) fn next(&mut self, count: usize) -> Option<RampStep> {
        loop {
            let segment = self.curve.segment(self.segment)?;
            let found = match self.part {
                SegmentPart::Start => self.at_start(&segment, count),
                SegmentPart::Rest => self.within(&segment, count),
            };
            if let Some((change, after_s)) = found {
                let offset = Duration::try_from_secs_f64(segment.start_s + after_s).unwrap_or(Duration::MAX);
                return Some(RampStep { offset, change });
            }
            match self.part {
                SegmentPart::Start => self.part = SegmentPart::Rest,
                SegmentPart::Rest => (self.segment, self.part) = (self.segment + 1, SegmentPart::Start),
            }
        }
    }

    fn at_start(&self, segment: &Segment, count: usize) -> Option<(UserChange, f64)> {
        match self.last_level(count) {
            Some(last) if last >= segment.from => Some((UserChange::Leave, 0.0)),
            _ if self.next_level(count) < segment.from => Some((UserChange::Join, 0.0)),
            _ => None,
        }
    }

    fn within(&self, segment: &Segment, count: usize) -> Option<(UserChange, f64)> {
        let when = |level: f64| (level - segment.from) / (segment.to - segment.from) * segment.length_s;
        let next = self.next_level(count);
        match self.last_level(count) {
            Some(last) if segment.to < segment.from && last >= segment.to => {
                Some((UserChange::Leave, when(last)))
            }
            _ if segment.from < segment.to && next < segment.to => Some((UserChange::Join, when(next))),
            _ => None,
        }
    }

    /// One more user runs while the curve is above this level.
    fn next_level(&self, count: usize) -> f64 {
        self.number(count) as f64
    }

    /// The last user runs while the curve is above this level.
    fn last_level(&self, count: usize) -> Option<f64> {
        count.checked_sub(1).map(|others| self.number(others) as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All changes of one worker, each with the number of users after it.
    fn steps(curve: &Curve, index: usize, workers: usize, mut count: usize) -> Vec<(Duration, usize)> {
        let mut ramp = RampSchedule::new(Arc::new(curve.clone()), index, workers);
        let mut all = Vec::new();
        while let Some(RampStep { offset, change }) = ramp.next(count) {
            match change {
                UserChange::Join => count += 1,
                UserChange::Leave => count -= 1,
            }
            all.push((offset, count));
        }
        all
    }

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn next_on_ramps_joins_and_leaves_one_by_one() {
        let curve = Curve::constant(0.0).ramp(4.0, S(4)).hold(S(2)).ramp(0.0, S(2));
        let expected = [(0, 1), (1000, 2), (2000, 3), (3000, 4), (6500, 3), (7000, 2), (7500, 1), (8000, 0)];
        assert_eq!(steps(&curve, 0, 1, 0), expected.map(|(ms, count)| (Duration::from_millis(ms), count)));
        let second = [(1000, 1), (3000, 2), (6500, 1), (7500, 0)];
        assert_eq!(steps(&curve, 1, 2, 0), second.map(|(ms, count)| (Duration::from_millis(ms), count)));
    }

    #[test]
    fn next_at_jump_changes_all_at_once() {
        let curve = Curve::constant(3.0).hold(S(5)).jump(1.0);
        assert_eq!(steps(&curve, 0, 1, 0), [(S(0), 1), (S(0), 2), (S(0), 3), (S(5), 2), (S(5), 1)]);
        assert_eq!(steps(&curve, 0, 1, 5), [(S(0), 4), (S(0), 3), (S(5), 2), (S(5), 1)]);
    }

    proptest! {
        #[test]
        fn next_of_all_workers_follows_curve(
            segments in proptest::collection::vec((0..3_u8, 0..300_u32, 1..20_000_u64), 1..8),
            workers in 1..5_usize,
            at_ms in proptest::collection::vec(0..160_000_u64, 20),
        ) {
            let curve = segments.into_iter().fold(Curve::constant(0.0), |curve, (kind, to, ms)| match kind {
                0 => curve.jump(f64::from(to)),
                1 => curve.hold(Duration::from_millis(ms)),
                _ => curve.ramp(f64::from(to), Duration::from_millis(ms)),
            });
            let of_workers: Vec<_> = (0..workers).map(|index| steps(&curve, index, workers, 0)).collect();
            for steps in &of_workers {
                prop_assert!(steps.iter().is_sorted_by_key(|(offset, _)| offset));
            }
            for at in at_ms.into_iter().map(Duration::from_millis) {
                let users: usize = of_workers
                    .iter()
                    .map(|steps| steps.iter().rev().find(|(offset, _)| *offset <= at).map_or(0, |(_, count)| *count))
                    .sum();
                let level = curve.level_at(at);
                prop_assert!((users as f64 - level).abs() < 1.001, "{} users, {} on the curve", users, level);
            }
        }
    }
}
