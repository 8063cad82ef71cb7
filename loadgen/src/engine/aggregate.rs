//! Adding up what the workers deliver.

use std::time::{Duration, Instant};

use crate::control::DeadTarget;
use crate::record::{Inside, Interval};
use weir_results::{EndReason, Second};

use super::closing::Stops;
use super::delivery::{Delivery, Farewell};
use super::timeline::{Phases, Timeline};

/// The run so far.
pub(super) struct Aggregate {
    pub(super) sums: Interval,
    pub(super) seconds: Vec<Second>,
    pub(super) farewells: Vec<Farewell>,
    /// Processor time of each worker.
    cpu: Vec<Option<Duration>>,
    timeline: Timeline,
    dead: DeadTarget,
    stops: Stops,
}

impl Aggregate {
    pub(super) fn new(workers: usize, tasks: usize, phases: Phases, stops: Stops) -> Self {
        Self {
            sums: Interval::of(tasks),
            seconds: Vec::new(),
            farewells: Vec::new(),
            cpu: vec![Some(Duration::ZERO); workers],
            timeline: Timeline::new(workers, phases),
            dead: DeadTarget::default(),
            stops,
        }
    }

    /// Takes in a delivery, and says how many seconds of the run became complete by it: the last of
    /// [`seconds`](Self::seconds).
    pub(super) fn add(&mut self, delivery: &Delivery) -> usize {
        let before = self.seconds.len();
        self.sums.merge(&delivery.interval);
        self.farewells.extend(delivery.farewell);
        if let Some(cpu) = self.cpu.get_mut(delivery.worker) {
            *cpu = delivery.cpu;
        }
        for (second, sign) in self.timeline.add(delivery) {
            if self.dead.observe(second.at_s, sign) {
                self.stops.end(EndReason::TargetDead);
            }
            self.seconds.push(second);
        }
        self.seconds.len() - before
    }

    /// Why the run ended, if it has: the gravest of what its workers say.
    pub(super) fn ended(&self) -> Option<EndReason> {
        self.farewells.iter().map(|farewell| farewell.ended).max_by_key(|reason| reason.gravity())
    }

    /// When the measured window ended, if it did before the last request had.
    pub(super) fn window_end(&self) -> Option<Instant> {
        self.farewells.iter().filter_map(|farewell| farewell.window_end).max()
    }

    pub(super) fn unfinished(&self) -> u64 {
        self.farewells.iter().map(|farewell| farewell.unfinished).sum()
    }

    /// Processor time of all workers so far.
    pub(super) fn cpu(&self) -> Option<Duration> {
        self.cpu.iter().copied().sum()
    }

    /// What fell inside the measured window, of each task.
    pub(super) fn inside(&self) -> Vec<Inside> {
        let pairs = self.sums.outside.iter().zip(&self.sums.measured);
        pairs
            .map(|(outside, measured)| {
                let mut inside = outside.inside;
                inside.merge(&measured.inside);
                inside
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::control::Control;
    use crate::record::{Answer, FailureKind, Problem, Recorder, Sample, Verdict};

    #[test]
    fn a_target_that_refuses_every_connection_stops_the_run() {
        let (stops, now) = (Stops::new(&Control::new()), Instant::now());
        let mut aggregate = Aggregate::new(1, 1, Phases::default(), stops.clone());
        let mut stopped_after = None;
        for second in 0..20 {
            let mut recorder = Recorder::new(1, now);
            let refused = Problem::new(FailureKind::Connect, "refused");
            recorder.record(
                0,
                &Sample {
                    intended: now,
                    sent: None,
                    first_byte: None,
                    ended: now,
                    bytes_sent: 0,
                    answer: Answer::default(),
                    verdict: Verdict::Failed(refused),
                },
            );
            let interval = recorder.take();
            aggregate.add(&Delivery { worker: 0, second, interval, users: 1, cpu: None, farewell: None });
            if stops.stopped().now_or_never() == Some(EndReason::TargetDead) {
                stopped_after.get_or_insert(second);
            }
        }
        assert_eq!(stopped_after, Some(5));
        assert_eq!(aggregate.sums.measured[0].ended(), 20);
    }
}
