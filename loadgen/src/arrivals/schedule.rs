//! The instants of an open loop's arrivals, as one of several workers sees them.

use std::time::Instant;

use weir_pace::{Arrivals, ArrivalsError};

use crate::control::Course;
use crate::engine::Plan;
use crate::scenario::OpenLoop;

/// An arrival to be started.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Arrival {
    /// Counted over all workers, from 0.
    pub(super) number: u64,
    pub(super) intended: Instant,
    /// How many arrivals are due by then.
    place: f64,
}

/// Every worker goes through the same arrivals and takes each n-th of them: together they keep one schedule, whatever
/// their number.
#[derive(Debug)]
pub(super) struct Schedule {
    arrivals: Arrivals,
    /// Of the rate.
    course: Course,
    next_number: u64,
}

impl Schedule {
    pub(super) fn new(plan: &Plan, load: &OpenLoop, course: Course) -> Result<Self, ArrivalsError> {
        let arrivals = Arrivals::new(load.kind, plan.seed.named("arrivals"))?;
        Ok(Self { arrivals, course, next_number: 0 })
    }

    /// The next arrival that `mine` takes.
    pub(super) fn next(&mut self, mine: impl Fn(u64) -> bool) -> Arrival {
        loop {
            let place = self.arrivals.next_operational_time();
            let number = self.next_number;
            self.next_number += 1;
            if mine(number) {
                return Arrival { number, place, intended: self.course.time_of_area(place) };
            }
        }
    }

    /// Keeps another course from now on, for the arrival that comes next too.
    pub(super) fn turn(&mut self, course: Course, next: Arrival) -> Arrival {
        self.course = course;
        if next.intended < self.course.since() {
            return next;
        }
        Arrival { intended: self.course.time_of_area(next.place), ..next }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use weir_pace::{ArrivalKind, Curve, Seed};

    use super::*;

    fn schedule(epoch: Instant, kind: ArrivalKind) -> Schedule {
        let arrivals = Arrivals::new(kind, Seed::new(3)).unwrap();
        Schedule { arrivals, course: Course::new(epoch, Curve::constant(100.0)), next_number: 0 }
    }

    #[test]
    fn workers_share_one_schedule() {
        let epoch = Instant::now();
        let mut whole = schedule(epoch, ArrivalKind::Poisson);
        let all: Vec<Arrival> = (0..300).map(|_| whole.next(|_| true)).collect();
        let mut parts: Vec<Arrival> = Vec::new();
        for worker in 0..3 {
            let mut part = schedule(epoch, ArrivalKind::Poisson);
            parts.extend((0..100).map(|_| part.next(|number| number % 3 == worker)));
        }
        parts.sort_by_key(|arrival| arrival.number);
        assert_eq!(parts, all);
        assert!(all[299].intended > epoch + Duration::from_secs(2));
    }

    #[test]
    fn a_change_holds_from_its_instant_on_for_every_worker() {
        let epoch = Instant::now();
        let ms = |ms| epoch + Duration::from_millis(ms);
        let mut intended = Vec::new();
        for worker in 0..2 {
            let mut part = schedule(epoch, ArrivalKind::Constant);
            let mut next = part.next(|number| number % 2 == worker);
            while next.intended < ms(100) {
                intended.push(next.intended);
                next = part.next(|number| number % 2 == worker);
            }
            next = part.turn(part.course.turned(ms(100), 50.0, None), next);
            while next.intended < ms(200) {
                intended.push(next.intended);
                next = part.next(|number| number % 2 == worker);
            }
        }
        intended.sort();
        let expected: Vec<_> = (0..10).map(|n| ms(10 * n)).chain((0..5).map(|n| ms(100 + 20 * n))).collect();
        assert_eq!(intended, expected);
    }
}
