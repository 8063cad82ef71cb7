//! What everything that runs on one worker shares.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use weir_pace::Clock;

use crate::record::{Recorder, Sample, StreamGaps, Verdict};
use crate::redact::Redaction;
use crate::task::Cursors;

use super::exchange::{BodyBudget, Transport};
use super::plan::Plan;

/// The state of one worker. It shares nothing with other threads but the plan, which does not change.
pub(crate) struct WorkerContext<T> {
    pub(crate) plan: Arc<Plan>,
    pub(crate) clock: Clock,
    pub(crate) transport: T,
    pub(crate) recorder: RefCell<Recorder>,
    /// The worker's positions in the feeds.
    pub(super) cursors: Arc<Cursors>,
    pub(super) body_budget: BodyBudget,
    /// Memory for the gaps of streams, used again.
    spare_gaps: RefCell<Vec<StreamGaps>>,
    index: usize,
    /// Requests that may still start; `None` is any number.
    request_budget: Cell<Option<u64>>,
    /// Notified when the budget is spent.
    budget_spent: Notify,
    next_number: Cell<u64>,
    /// Users, or arrivals in flight.
    pub(crate) users: Cell<u64>,
    /// Requests of the measured window that have started and not ended.
    open_requests: Cell<u64>,
    /// Requests of the first second of the run that have started and not ended.
    open_first_requests: Cell<u64>,
    /// The end of the load: no request starts later.
    closed_at: Cell<Option<Instant>>,
    stop_mode: Cell<StopMode>,
    closing: Notify,
}

/// Whether users perform their `on_stop` tasks.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum StopMode {
    #[default]
    Graceful,
    /// The run was stopped, or its target is dead.
    Immediate,
}

/// How a wait ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum WaitOutcome {
    /// At its instant.
    Due,
    /// Early, because no more requests may start.
    Closed,
}

impl<T: Transport> WorkerContext<T> {
    pub(super) fn new(plan: Arc<Plan>, index: usize, clock: Clock, transport: T) -> Self {
        let recorder = Recorder::new(plan.tasks.len(), plan.warm_until())
            .with_cool_down(plan.cool_from())
            .with_goals(Arc::clone(&plan.goals));
        let requests = plan.load.requests.map(|requests| share(requests.get(), index, plan.workers.get()));
        let cursors = Cursors::new(plan.templates.feeds(), index as u64, plan.workers.get() as u64);
        Self {
            clock,
            transport,
            cursors: Arc::new(cursors),
            recorder: RefCell::new(recorder),
            body_budget: BodyBudget::default(),
            spare_gaps: RefCell::default(),
            index,
            request_budget: Cell::new(requests),
            budget_spent: Notify::new(),
            next_number: Cell::new(index as u64),
            users: Cell::new(0),
            open_requests: Cell::new(0),
            open_first_requests: Cell::new(0),
            closed_at: Cell::new(None),
            stop_mode: Cell::default(),
            closing: Notify::new(),
            plan,
        }
    }
}

impl<T> WorkerContext<T> {
    /// The worker's number, from 0.
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// Whether this worker handles the arrival with this number.
    pub(crate) fn owns(&self, number: u64) -> bool {
        number % self.plan.workers.get() as u64 == self.index as u64
    }

    /// Takes one request from the budget; `false` if no more may start.
    pub(crate) fn admit(&self) -> bool {
        if self.is_closed() {
            return false;
        }
        match self.request_budget.get() {
            None => true,
            Some(0) => false,
            Some(left) => {
                self.request_budget.set(Some(left - 1));
                if left == 1 {
                    self.budget_spent.notify_waiters();
                }
                true
            }
        }
    }

    /// Whether the number of requests, rather than time, ended the load.
    pub(super) fn is_budget_spent(&self) -> bool {
        self.request_budget.get() == Some(0)
    }

    /// Waits until the last request of the budget starts.
    pub(super) async fn budget_spent(&self) {
        while !self.is_budget_spent() {
            self.budget_spent.notified().await;
        }
    }

    /// The number of the next request, unique in the run.
    pub(super) fn take_number(&self) -> u64 {
        let number = self.next_number.get();
        self.next_number.set(number + self.plan.workers.get() as u64);
        number
    }

    /// Counts a request as unfinished until [`request_ended`](Self::request_ended).
    pub(super) fn request_started(&self, intended: Instant) {
        let mut recorder = self.recorder.borrow_mut();
        recorder.record_start();
        if recorder.is_measured(intended) {
            self.open_requests.set(self.open_requests.get() + 1);
        }
        if self.is_in_first_second(intended) {
            self.open_first_requests.set(self.open_first_requests.get() + 1);
        }
    }

    pub(super) fn request_ended(&self, intended: Instant) {
        if self.recorder.borrow().is_measured(intended) {
            self.open_requests.set(self.open_requests.get() - 1);
        }
        if self.is_in_first_second(intended) {
            self.open_first_requests.set(self.open_first_requests.get() - 1);
        }
    }

    fn is_in_first_second(&self, intended: Instant) -> bool {
        intended.saturating_duration_since(self.plan.epoch) < Duration::from_secs(1)
    }

    /// Requests of the first second of the run that have started and not ended.
    pub(super) fn open_first_requests(&self) -> u64 {
        self.open_first_requests.get()
    }

    /// Records a request that has ended. The request log receives those of the measured window.
    pub(super) fn record(&self, task: usize, sample: &Sample, gaps: &StreamGaps, redaction: Redaction<'_>) {
        let mut recorder = self.recorder.borrow_mut();
        recorder.record(task, sample, redaction);
        if sample.verdict == Verdict::Completed {
            recorder.record_gaps(task, sample.intended, gaps);
        }
        if let Some(log) = &self.plan.request_log
            && recorder.is_measured(sample.intended)
        {
            log.push(task, sample, redaction);
        }
    }

    /// Returns memory for the gaps of a stream.
    pub(super) fn take_gaps(&self) -> StreamGaps {
        self.spare_gaps.borrow_mut().pop().unwrap_or_default()
    }

    /// Takes back memory from [`take_gaps`](Self::take_gaps).
    pub(super) fn return_gaps(&self, mut gaps: StreamGaps) {
        gaps.clear();
        self.spare_gaps.borrow_mut().push(gaps);
    }

    /// Records how much later than intended a request starts, if only the load generator delayed it.
    pub(crate) fn record_lateness(&self, intended: Instant) {
        self.recorder.borrow_mut().record_lateness(intended, self.clock.now());
    }

    /// Requests of the measured window that have started and not ended.
    pub(super) fn unfinished(&self) -> u64 {
        self.open_requests.get()
    }

    /// Ends the load: no more requests start, and the measured window ends at `at`.
    pub(super) fn close(&self, at: Instant, mode: StopMode) {
        self.closed_at.set(Some(at));
        self.stop_mode.set(mode);
        self.recorder.borrow_mut().close(at);
        self.closing.notify_waiters();
    }

    pub(crate) fn stop_mode(&self) -> StopMode {
        self.stop_mode.get()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed_at.get().is_some()
    }

    /// The end of the load, if it has ended.
    pub(crate) fn closed_at(&self) -> Option<Instant> {
        self.closed_at.get()
    }

    /// Whether nothing can start any more, because the load has ended or the last request was sent.
    pub(crate) fn is_over(&self) -> bool {
        self.is_closed() || self.is_budget_spent()
    }

    /// Waits for the end of the load.
    pub(crate) async fn closed(&self) {
        while !self.is_closed() {
            self.closing.notified().await;
        }
    }

    /// Waits for `until`, or for the end of the load.
    pub(crate) async fn wait(&self, until: Instant) -> WaitOutcome {
        tokio::select! {
            biased;
            () = self.clock.sleep_until(until) => WaitOutcome::Due,
            () = self.closed() => WaitOutcome::Closed,
        }
    }
}

/// Returns one of `parts` equal shares of `whole`; the first ones are larger by one if it does not divide.
fn share(whole: u64, index: usize, parts: usize) -> u64 {
    let (index, parts) = (index as u64, parts as u64);
    whole / parts + u64::from(index < whole % parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_of_all_parts_sums_to_whole() {
        for (whole, parts) in [(1000, 3), (2, 3), (0, 1), (7, 7)] {
            assert_eq!((0..parts).map(|index| share(whole, index, parts)).sum::<u64>(), whole);
        }
        assert_eq!(share(8, 0, 3), 3);
        assert_eq!(share(8, 2, 3), 2);
    }
}
