//! The instants of an open loop's arrivals.

use std::time::Instant;

use weir_pace::{Arrivals, ArrivalsError};

use crate::run::control::LoadProfile;
use crate::run::plan::Plan;
use crate::scenario::OpenLoop;

/// An arrival.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Arrival {
    /// Its number over all workers, from 0.
    pub(super) number: u64,
    pub(super) intended: Instant,
    /// The area under the rate up to it.
    area: f64,
}

/// Each of n workers computes all arrivals and takes every n-th, so that together they follow one schedule.
#[derive(Debug)]
pub(super) struct ArrivalSchedule {
    arrivals: Arrivals,
    profile: LoadProfile,
    next_number: u64,
}

impl ArrivalSchedule {
    pub(super) fn new(plan: &Plan, load: &OpenLoop, profile: LoadProfile) -> Result<Self, ArrivalsError> {
        let arrivals = Arrivals::new(load.kind, plan.seed.named("arrivals"))?;
        Ok(Self { arrivals, profile, next_number: 0 })
    }

    /// Returns the next arrival whose number `owns` accepts.
    pub(super) fn next(&mut self, owns: impl Fn(u64) -> bool) -> Arrival {
        loop {
            let area = self.arrivals.next_operational_time();
            let number = self.next_number;
            self.next_number += 1;
            if owns(number) {
                return Arrival { number, area, intended: self.profile.time_of_area(area) };
            }
        }
    }

    /// Follows another profile from now on; returns `next` at its new instant.
    pub(super) fn follow(&mut self, profile: LoadProfile, next: Arrival) -> Arrival {
        self.profile = profile;
        if next.intended < self.profile.since() {
            return next;
        }
        Arrival { intended: self.profile.time_of_area(next.area), ..next }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use weir_pace::{ArrivalKind, Curve, Seed};

    use super::*;

    fn schedule(epoch: Instant, kind: ArrivalKind) -> ArrivalSchedule {
        let arrivals = Arrivals::new(kind, Seed::new(3)).unwrap();
        ArrivalSchedule { arrivals, profile: LoadProfile::new(epoch, Curve::constant(100.0)), next_number: 0 }
    }

    #[test]
    fn next_of_all_workers_forms_one_schedule() {
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
    fn follow_applies_from_instant_of_change_for_every_worker() {
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
            next = part.follow(part.profile.changed_at(ms(100), 50.0, None), next);
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
