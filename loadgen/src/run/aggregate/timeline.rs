//! The seconds of a run, merged from the reports of all workers.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::record::{Interval, Series};
use crate::scenario::Load;
use weir_results::{Phase, Second};

use super::dead_target::TargetActivity;
use crate::run::worker::IntervalReport;

/// Holds each second until every worker has reported it.
#[derive(Debug)]
pub(super) struct Timeline {
    workers: Vec<Progress>,
    open: BTreeMap<u64, OpenSecond>,
    phases: Phases,
}

/// The limits of the measured window.
#[derive(Copy, Clone, Debug, Default)]
pub(super) struct Phases {
    warm_up: Duration,
    /// From the start of the run, if there is a cool-down.
    cool_from: Option<Duration>,
}

/// The progress of a worker.
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
    /// By worker, of those that have reported it.
    users: BTreeMap<usize, u64>,
}

impl Timeline {
    pub(super) fn new(workers: usize, phases: Phases) -> Self {
        let workers = vec![Progress::default(); workers];
        Self { workers, open: BTreeMap::new(), phases }
    }

    /// Adds a report; returns the seconds that it completes, in order.
    pub(super) fn add(&mut self, report: &IntervalReport) -> Vec<(Second, TargetActivity)> {
        let second = self.open.entry(report.second).or_default();
        second.add(&report.interval);
        second.users.insert(report.worker, report.users);
        if let Some(progress) = self.workers.get_mut(report.worker) {
            progress.users = report.users;
            progress.complete = if report.exit.is_some() { u64::MAX } else { report.second + 1 };
        }
        let complete = self.workers.iter().map(|progress| progress.complete).min().unwrap_or(0);
        let rest = self.open.split_off(&complete);
        std::mem::replace(&mut self.open, rest)
            .into_iter()
            .map(|(at_s, second)| self.close(at_s, &second))
            .collect()
    }

    fn close(&self, at_s: u64, second: &OpenSecond) -> (Second, TargetActivity) {
        // A worker that skipped this second has as many users as in its last report.
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
        (row, second.activity())
    }
}

impl Phases {
    pub(super) fn of(load: &Load) -> Self {
        Self { warm_up: load.warm_up, cool_from: load.cool_from() }
    }

    /// A second is measured if all of it is.
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

    fn activity(&self) -> TargetActivity {
        match (self.all.ended(), self.all.unreachable()) {
            (0, _) => TargetActivity::None,
            (ended, unreachable) if ended == unreachable => TargetActivity::Unreachable,
            _ => TargetActivity::Answered,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::record::{Answer, FailureKind, Problem, Recorder, Sample, Verdict};
    use crate::run::worker::WorkerExit;
    use weir_results::EndReason;

    fn report(worker: usize, second: u64, verdicts: &[Verdict]) -> IntervalReport {
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
                sending: crate::record::Sending::default(),
                answer: Answer::default(),
                verdict: verdict.clone(),
            };
            recorder.record(0, &sample, crate::redact::Redaction::without_secrets());
        }
        IntervalReport {
            worker,
            second,
            at: now,
            interval: recorder.take(),
            users: 10,
            open_first_requests: 0,
            cpu: None,
            exit: None,
        }
    }

    fn refused() -> Verdict {
        Verdict::Failed(Problem::new(FailureKind::Connect, "refused"))
    }

    #[test]
    fn add_before_other_worker_completes_no_second() {
        let mut timeline = Timeline::new(2, Phases { warm_up: Duration::from_secs(1), cool_from: None });
        assert_eq!(timeline.add(&report(0, 0, &[Verdict::Completed])), []);
        assert_eq!(timeline.add(&report(0, 1, &[])), []);
        let first = timeline.add(&report(1, 0, &[Verdict::Completed, refused()]));
        let [(second, activity)] = first.as_slice() else { panic!("{first:?}") };
        assert_eq!((second.at_s, second.phase, second.users, second.started), (0, Phase::WarmUp, 20, 3));
        assert_eq!((second.completed, second.failed, *activity), (2, 1, TargetActivity::Answered));
        assert!(second.e2e_p50_ms.is_some_and(|ms| (19.9..20.1).contains(&ms)));
        assert_eq!(second.e2e_p99_ms, None, "two are too few for a p99");
    }

    #[test]
    fn add_after_exit_of_worker_completes_seconds() {
        let mut timeline = Timeline::new(2, Phases::default());
        let exit = WorkerExit { reason: EndReason::RunTime, window_end: None, unfinished: 0 };
        assert_eq!(timeline.add(&IntervalReport { exit: Some(exit), ..report(0, 0, &[]) }), []);
        let seconds = timeline.add(&report(1, 2, &[refused()]));
        let seen: Vec<(u64, TargetActivity)> =
            seconds.iter().map(|(second, activity)| (second.at_s, *activity)).collect();
        assert_eq!(seen, [(0, TargetActivity::None), (2, TargetActivity::Unreachable)]);
    }

    #[test]
    fn of_second_partly_outside_window_is_not_measured() {
        let phases =
            Phases { warm_up: Duration::from_millis(1500), cool_from: Some(Duration::from_millis(4500)) };
        let seconds = [0, 1, 2, 3, 4, 5].map(|at_s| phases.of_second(at_s));
        assert_eq!(seconds[..2], [Phase::WarmUp; 2]);
        assert_eq!(seconds[2..4], [Phase::Measured; 2]);
        assert_eq!(seconds[4..], [Phase::CoolDown; 2]);
    }
}
