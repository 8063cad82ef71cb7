//! When users join and leave.

use std::sync::Arc;
use std::time::Duration;

use weir_pace::{Curve, Segment};

/// The joins and leaves of one worker's users, in order, so that the number of all users follows a curve.
///
/// Users are numbered from 0 over all workers, and each worker has every n-th of them: user k is there while the curve
/// is above k. So each worker knows when its own join and leave, whatever the others do, and holds no list of it.
#[derive(Clone, Debug)]
pub(super) struct Moves {
    curve: Arc<Curve>,
    index: usize,
    workers: usize,
    /// The line of the curve that it has come to.
    line: usize,
    place: Place,
}

/// A change of the number of users by one.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Move {
    /// From the beginning of the curve.
    pub(super) offset: Duration,
    pub(super) way: Way,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// One more than there are.
    Join,
    /// The one who joined last.
    Leave,
}

/// A place on a line: first its beginning is seen to, where the curve may have jumped.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Place {
    Beginning,
    Along,
}

impl Moves {
    pub(super) fn new(curve: Arc<Curve>, index: usize, workers: usize) -> Self {
        Self { curve, index, workers, line: 0, place: Place::Beginning }
    }

    /// The number of the user who joins a worker that has so many.
    pub(super) fn number(&self, has: usize) -> u64 {
        (self.index + has * self.workers) as u64
    }

    /// The next change of a worker that `has` so many users; `None` when there is none any more. It stays the next one
    /// until the worker has another number of users.
    pub(super) fn next(&mut self, has: usize) -> Option<Move> {
        loop {
            let line = self.curve.segment(self.line)?;
            let found = match self.place {
                Place::Beginning => self.at_beginning(&line, has),
                Place::Along => self.along(&line, has),
            };
            if let Some((way, after_s)) = found {
                let offset = Duration::try_from_secs_f64(line.start_s + after_s).unwrap_or(Duration::MAX);
                return Some(Move { offset, way });
            }
            match self.place {
                Place::Beginning => self.place = Place::Along,
                Place::Along => (self.line, self.place) = (self.line + 1, Place::Beginning),
            }
        }
    }

    fn at_beginning(&self, line: &Segment, has: usize) -> Option<(Way, f64)> {
        match self.last_level(has) {
            Some(last) if last >= line.from => Some((Way::Leave, 0.0)),
            _ if self.next_level(has) < line.from => Some((Way::Join, 0.0)),
            _ => None,
        }
    }

    fn along(&self, line: &Segment, has: usize) -> Option<(Way, f64)> {
        let when = |level: f64| (level - line.from) / (line.to - line.from) * line.length_s;
        let next = self.next_level(has);
        match self.last_level(has) {
            Some(last) if line.to < line.from && last >= line.to => Some((Way::Leave, when(last))),
            _ if line.from < line.to && next < line.to => Some((Way::Join, when(next))),
            _ => None,
        }
    }

    /// The curve has to be above this for one more user.
    fn next_level(&self, has: usize) -> f64 {
        self.number(has) as f64
    }

    /// The curve has to be above this for the last user.
    fn last_level(&self, has: usize) -> Option<f64> {
        has.checked_sub(1).map(|others| self.number(others) as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All moves of one worker, each with how many users it had after it.
    fn moves(curve: &Curve, index: usize, workers: usize, has: usize) -> Vec<(Duration, usize)> {
        let mut moves = Moves::new(Arc::new(curve.clone()), index, workers);
        let (mut has, mut all) = (has, Vec::new());
        while let Some(Move { offset, way }) = moves.next(has) {
            match way {
                Way::Join => has += 1,
                Way::Leave => has -= 1,
            }
            all.push((offset, has));
        }
        all
    }

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn users_join_one_by_one_and_leave_in_the_same_way() {
        let curve = Curve::constant(0.0).ramp(4.0, S(4)).hold(S(2)).ramp(0.0, S(2));
        let expected = [(0, 1), (1000, 2), (2000, 3), (3000, 4), (6500, 3), (7000, 2), (7500, 1), (8000, 0)];
        assert_eq!(moves(&curve, 0, 1, 0), expected.map(|(ms, has)| (Duration::from_millis(ms), has)));
        let second = [(1000, 1), (3000, 2), (6500, 1), (7500, 0)];
        assert_eq!(moves(&curve, 1, 2, 0), second.map(|(ms, has)| (Duration::from_millis(ms), has)));
    }

    #[test]
    fn a_jump_is_made_at_once_from_whatever_there_is() {
        let curve = Curve::constant(3.0).hold(S(5)).jump(1.0);
        assert_eq!(moves(&curve, 0, 1, 0), [(S(0), 1), (S(0), 2), (S(0), 3), (S(5), 2), (S(5), 1)]);
        assert_eq!(moves(&curve, 0, 1, 5), [(S(0), 4), (S(0), 3), (S(5), 2), (S(5), 1)]);
    }

    proptest! {
        /// Whatever the curve and the number of workers, at any instant as many users are there as it says.
        #[test]
        fn the_users_of_all_workers_follow_the_curve(
            steps in proptest::collection::vec((0..3_u8, 0..300_u32, 1..20_000_u64), 1..8),
            workers in 1..5_usize,
            at_ms in proptest::collection::vec(0..160_000_u64, 20),
        ) {
            let curve = steps.into_iter().fold(Curve::constant(0.0), |curve, (kind, to, ms)| match kind {
                0 => curve.jump(f64::from(to)),
                1 => curve.hold(Duration::from_millis(ms)),
                _ => curve.ramp(f64::from(to), Duration::from_millis(ms)),
            });
            let of_workers: Vec<_> = (0..workers).map(|index| moves(&curve, index, workers, 0)).collect();
            for moves in &of_workers {
                prop_assert!(moves.iter().is_sorted_by_key(|(offset, _)| offset));
            }
            for at in at_ms.into_iter().map(Duration::from_millis) {
                let there: usize = of_workers
                    .iter()
                    .map(|moves| moves.iter().rev().find(|(offset, _)| *offset <= at).map_or(0, |(_, has)| *has))
                    .sum();
                let level = curve.level_at(at);
                prop_assert!((there as f64 - level).abs() < 1.001, "{} users, {} on the curve", there, level);
            }
        }
    }
}
