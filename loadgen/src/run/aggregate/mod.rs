//! Adds up the reports of the workers.

mod dead_target;
mod first_requests;
mod timeline;

use std::time::{Duration, Instant};

use crate::health::WorstSeconds;
use crate::record::{Interval, WindowCounts};
use weir_results::{EndReason, Second};

use super::ending::EndSignal;
use super::plan::Plan;
use super::worker::{IntervalReport, WorkerExit};

use self::dead_target::DeadTarget;
use self::first_requests::FirstRequests;
use self::timeline::{Phases, Timeline};

/// The figures of a run so far.
pub(crate) struct Aggregate {
    pub(super) sums: Interval,
    pub(super) seconds: Vec<Second>,
    /// The instant of the last report.
    pub(super) at: Option<Instant>,
    exits: Vec<WorkerExit>,
    /// Processor time of each worker.
    cpu: Vec<Option<Duration>>,
    timeline: Timeline,
    dead_target: DeadTarget,
    first_requests: FirstRequests,
    /// The seconds in which the load generator was delayed most.
    pub(super) worst_seconds: WorstSeconds,
    /// Requests of the first second that have not ended, of each worker.
    open_first_requests: Vec<u64>,
    signal: EndSignal,
}

impl Aggregate {
    pub(super) fn new(plan: &Plan, signal: EndSignal) -> Self {
        Self::with_phases(plan.workers.get(), plan.tasks.len(), Phases::of(&plan.load), signal)
    }

    fn with_phases(workers: usize, tasks: usize, phases: Phases, signal: EndSignal) -> Self {
        Self {
            sums: Interval::of(tasks),
            seconds: Vec::new(),
            at: None,
            exits: Vec::new(),
            cpu: vec![Some(Duration::ZERO); workers],
            timeline: Timeline::new(workers, phases),
            dead_target: DeadTarget::default(),
            first_requests: FirstRequests::default(),
            worst_seconds: WorstSeconds::default(),
            open_first_requests: vec![0; workers],
            signal,
        }
    }

    /// Adds a report. Returns the number of seconds that it completes, the last of [`seconds`](Self::seconds). Ends the run
    /// if the target is dead or nothing succeeds.
    pub(super) fn add(&mut self, report: &IntervalReport) -> usize {
        let before = self.seconds.len();
        self.sums.merge(&report.interval);
        self.worst_seconds.add(report.second, [&report.interval.lateness, &report.interval.loop_lag]);
        self.at = self.at.max(Some(report.at));
        self.exits.extend(report.exit);
        if let Some(cpu) = self.cpu.get_mut(report.worker) {
            *cpu = report.cpu;
        }
        if let Some(open) = self.open_first_requests.get_mut(report.worker) {
            *open = report.open_first_requests;
        }
        let open_first_requests = self.open_first_requests.iter().sum();
        for (second, activity) in self.timeline.add(report) {
            if self.first_requests.observe(&second, open_first_requests) {
                self.signal.end(EndReason::NothingSucceeded);
            }
            if self.dead_target.observe(second.at_s, activity) {
                self.signal.end(EndReason::TargetDead);
            }
            self.seconds.push(second);
        }
        self.seconds.len() - before
    }

    /// Why the run ended, if it has: the gravest reason of its workers.
    pub(super) fn end_reason(&self) -> Option<EndReason> {
        self.exits.iter().map(|exit| exit.reason).max_by_key(|reason| reason.gravity())
    }

    /// The end of the measured window, if it was before the end of the last request.
    pub(super) fn window_end(&self) -> Option<Instant> {
        self.exits.iter().filter_map(|exit| exit.window_end).max()
    }

    pub(super) fn unfinished(&self) -> u64 {
        self.exits.iter().map(|exit| exit.unfinished).sum()
    }

    /// Processor time of all workers so far.
    pub(super) fn cpu(&self) -> Option<Duration> {
        self.cpu.iter().copied().sum()
    }

    /// What ended inside the measured window, by task.
    pub(super) fn in_window(&self) -> Vec<WindowCounts> {
        let pairs = self.sums.outside.iter().zip(&self.sums.measured);
        pairs
            .map(|(outside, measured)| {
                let mut in_window = outside.in_window;
                in_window.merge(&measured.in_window);
                in_window
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::record::{Answer, FailureKind, Problem, Recorder, Sample, Verdict};
    use crate::run::control::Control;

    #[test]
    fn add_refused_connections_only_ends_run() {
        let (signal, now) = (EndSignal::new(&Control::new()), Instant::now());
        let mut aggregate = Aggregate::with_phases(1, 1, Phases::default(), signal.clone());
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
                    sending: crate::record::Sending::default(),
                    answer: Answer::default(),
                    verdict: Verdict::Failed(refused),
                },
                crate::redact::Redaction::without_secrets(),
            );
            let interval = recorder.take();
            aggregate.add(&IntervalReport {
                worker: 0,
                second,
                at: now,
                interval,
                users: 1,
                open_first_requests: 1,
                cpu: None,
                exit: None,
            });
            if signal.ended().now_or_never() == Some(EndReason::TargetDead) {
                stopped_after.get_or_insert(second);
            }
        }
        assert_eq!(stopped_after, Some(5));
        assert_eq!(aggregate.sums.measured[0].ended(), 20);
    }
}
