//! The instants of an open loop's arrivals, as one of several workers sees them.

use std::time::Instant;

use weir_pace::{Arrivals, ArrivalsError};

use crate::engine::{Plan, after};
use crate::scenario::OpenLoop;

/// An arrival to be started.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    /// Counted over all workers, from 0.
    pub(super) number: u64,
    pub(super) intended: Instant,
}

/// Every worker goes through the same arrivals and takes each n-th of them: together they keep one schedule, whatever
/// their number.
#[derive(Debug)]
pub(super) struct Schedule {
    arrivals: Arrivals,
    epoch: Instant,
    next_number: u64,
}

impl Schedule {
    pub(super) fn new(plan: &Plan, load: &OpenLoop) -> Result<Self, ArrivalsError> {
        let arrivals = Arrivals::new(load.rate, load.kind, plan.seed.named("arrivals"))?;
        Ok(Self { arrivals, epoch: plan.epoch, next_number: 0 })
    }

    /// The next arrival that `mine` takes.
    pub(super) fn next(&mut self, mine: impl Fn(u64) -> bool) -> Arrival {
        loop {
            let offset = self.arrivals.next_offset();
            let number = self.next_number;
            self.next_number += 1;
            if mine(number) {
                return Arrival { number, intended: after(self.epoch, offset) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use weir_pace::{ArrivalKind, Seed};

    use super::*;

    fn schedule(epoch: Instant) -> Schedule {
        let rate = "100/s".parse().unwrap();
        let arrivals = Arrivals::new(rate, ArrivalKind::Poisson, Seed::new(3)).unwrap();
        Schedule { arrivals, epoch, next_number: 0 }
    }

    #[test]
    fn workers_share_one_schedule() {
        let epoch = Instant::now();
        let mut whole = schedule(epoch);
        let all: Vec<Arrival> = (0..300).map(|_| whole.next(|_| true)).collect();
        let mut parts: Vec<Arrival> = Vec::new();
        for worker in 0..3 {
            let mut part = schedule(epoch);
            parts.extend((0..100).map(|_| part.next(|number| number % 3 == worker)));
        }
        parts.sort_by_key(|arrival| arrival.number);
        assert_eq!(parts, all);
        assert!(all[299].intended > epoch + Duration::from_secs(2));
    }
}
