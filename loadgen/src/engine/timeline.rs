//! The seconds of a run, put together from what the workers deliver.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::control::Sign;
use crate::record::{Interval, Series};
use crate::scenario::Load;
use weir_results::{Phase, Second};

use super::delivery::Delivery;

/// Holds each second until every worker has delivered it.
#[derive(Debug)]
pub(super) struct Timeline {
    workers: Vec<Progress>,
    open: BTreeMap<u64, OpenSecond>,
    phases: Phases,
}

/// Where the measured window begins and ends.
#[derive(Copy, Clone, Debug, Default)]
pub(super) struct Phases {
    warm_up: Duration,
    /// From the run's beginning, where there is a cool-down.
    cool_from: Option<Duration>,
}

/// How far a worker has come.
#[derive(Copy, Clone, Debug, Default)]
struct Progress {
    /// Seconds below this one are complete.
    complete: u64,
    users: u64,
}

#[derive(Debug, Default)]
struct OpenSecond {
    all: Series,
    started: u64,
    /// Of the workers that have delivered it.
    users: BTreeMap<usize, u64>,
}

impl Timeline {
    pub(super) fn new(workers: usize, phases: Phases) -> Self {
        let workers = vec![Progress::default(); workers];
        Self { workers, open: BTreeMap::new(), phases }
    }

    /// Takes in a delivery, and gives out the seconds that are complete now, in order.
    pub(super) fn add(&mut self, delivery: &Delivery) -> Vec<(Second, Sign)> {
        let second = self.open.entry(delivery.second).or_default();
        second.add(&delivery.interval);
        second.users.insert(delivery.worker, delivery.users);
        if let Some(progress) = self.workers.get_mut(delivery.worker) {
            progress.users = delivery.users;
            progress.complete = if delivery.farewell.is_some() { u64::MAX } else { delivery.second + 1 };
        }
        let complete = self.workers.iter().map(|progress| progress.complete).min().unwrap_or(0);
        let rest = self.open.split_off(&complete);
        std::mem::replace(&mut self.open, rest)
            .into_iter()
            .map(|(at_s, second)| self.close(at_s, &second))
            .collect()
    }

    fn close(&self, at_s: u64, second: &OpenSecond) -> (Second, Sign) {
        // A worker that skipped this second has as many users as it last said.
        let users = (0..)
            .zip(&self.workers)
            .map(|(worker, progress)| second.users.get(&worker).copied().unwrap_or(progress.users));
        let row = Second {
            at_s,
            phase: self.phases.of_second(at_s),
            users: users.sum(),
            started: second.started,
            ..second.all.in_second()
        };
        (row, second.sign())
    }
}

impl Phases {
    pub(super) fn of(load: &Load) -> Self {
        Self { warm_up: load.warm_up, cool_from: load.cool_from() }
    }

    /// A second is measured when all of it is.
    fn of_second(self, at_s: u64) -> Phase {
        if Duration::from_secs(at_s) < self.warm_up {
            Phase::WarmUp
        } else if self.cool_from.is_some_and(|from| Duration::from_secs(at_s + 1) > from) {
            Phase::CoolDown
        } else {
            Phase::Measured
        }
    }
}

impl OpenSecond {
    fn add(&mut self, interval: &Interval) {
        for series in interval.outside.iter().chain(&interval.measured) {
            self.all.merge(series);
        }
        self.started += interval.started;
    }

    fn sign(&self) -> Sign {
        match (self.all.ended(), self.all.unreachable()) {
            (0, _) => Sign::Nothing,
            (ended, unreachable) if ended == unreachable => Sign::Silence,
            _ => Sign::Life,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::engine::delivery::Farewell;
    use crate::record::{Answer, FailureKind, Problem, Recorder, Sample, Verdict};
    use weir_results::EndReason;

    fn delivery(worker: usize, second: u64, verdicts: &[Verdict]) -> Delivery {
        let now = Instant::now();
        let mut recorder = Recorder::new(1, now);
        for verdict in verdicts {
            recorder.record_start();
            let sample = Sample {
                intended: now,
                sent: Some(now),
                first_byte: None,
                ended: now + Duration::from_millis(20),
                bytes_sent: 0,
                answer: Answer::default(),
                verdict: verdict.clone(),
            };
            recorder.record(0, &sample);
        }
        Delivery { worker, second, interval: recorder.take(), users: 10, cpu: None, farewell: None }
    }

    fn refused() -> Verdict {
        Verdict::Failed(Problem::new(FailureKind::Connect, "refused"))
    }

    #[test]
    fn a_second_waits_for_every_worker() {
        let mut timeline = Timeline::new(2, Phases { warm_up: Duration::from_secs(1), cool_from: None });
        assert_eq!(timeline.add(&delivery(0, 0, &[Verdict::Completed])), []);
        assert_eq!(timeline.add(&delivery(0, 1, &[])), []);
        let first = timeline.add(&delivery(1, 0, &[Verdict::Completed, refused()]));
        let [(second, sign)] = first.as_slice() else { panic!("{first:?}") };
        assert_eq!((second.at_s, second.phase, second.users, second.started), (0, Phase::WarmUp, 20, 3));
        assert_eq!((second.completed, second.failed, *sign), (2, 1, Sign::Life));
        assert!(second.e2e_p50_ms.is_some_and(|ms| (19.9..20.1).contains(&ms)));
        assert_eq!(second.e2e_p99_ms, None, "two are too few for a p99");
    }

    #[test]
    fn a_worker_that_is_gone_holds_nothing_up() {
        let mut timeline = Timeline::new(2, Phases::default());
        let farewell = Farewell { ended: EndReason::RunTime, window_end: None, unfinished: 0 };
        assert_eq!(timeline.add(&Delivery { farewell: Some(farewell), ..delivery(0, 0, &[]) }), []);
        let seconds = timeline.add(&delivery(1, 2, &[refused()]));
        let seen: Vec<(u64, Sign)> = seconds.iter().map(|(second, sign)| (second.at_s, *sign)).collect();
        assert_eq!(seen, [(0, Sign::Nothing), (2, Sign::Silence)]);
    }

    #[test]
    fn a_second_belongs_to_the_phase_that_touches_it() {
        let phases =
            Phases { warm_up: Duration::from_millis(1500), cool_from: Some(Duration::from_millis(4500)) };
        let seconds = [0, 1, 2, 3, 4, 5].map(|at_s| phases.of_second(at_s));
        assert_eq!(seconds[..2], [Phase::WarmUp; 2]);
        assert_eq!(seconds[2..4], [Phase::Measured; 2]);
        assert_eq!(seconds[4..], [Phase::CoolDown; 2]);
    }
}
