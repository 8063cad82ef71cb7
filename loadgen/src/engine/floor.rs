//! What everything that runs on one worker has in common.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Notify;
use weir_pace::Clock;
use weir_wire::Client;

use crate::record::{Recorder, Sample};
use crate::task::Cursors;

use super::exchange::Slot;
use super::held::Held;
use super::options::RunError;
use super::plan::Plan;
use super::timer::ClockTimer;

/// One worker's own: nothing of it is shared with another thread but the plan, which nobody changes.
pub(crate) struct Floor {
    pub(crate) plan: Arc<Plan>,
    pub(crate) clock: Clock,
    pub(crate) recorder: RefCell<Recorder>,
    /// How far this worker is in the feeds.
    pub(super) cursors: Arc<Cursors>,
    pub(super) held: Held,
    index: usize,
    client: Client<ClockTimer>,
    /// Requests that may still be started; `None` is any number.
    budget: Cell<Option<u64>>,
    next_number: Cell<u64>,
    /// Users, or arrivals in flight.
    pub(crate) users: Cell<u64>,
    /// Requests of the measured window that have started and not ended.
    open_requests: Cell<u64>,
    /// When the measured window ended.
    closed_at: Cell<Option<Instant>>,
    parting: Cell<Parting>,
    closing: Notify,
}

/// Whether users do what they do at their end.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Parting {
    #[default]
    Proper,
    /// The run was stopped, or its target is dead: nobody waits for them.
    Abrupt,
}

/// How a wait ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// At its instant.
    Due,
    /// No more requests are to be started.
    Closing,
}

impl Floor {
    pub(super) fn new(plan: Arc<Plan>, index: usize, clock: Clock) -> Result<Self, RunError> {
        let client = Client::new(plan.target.clone(), plan.client.clone(), ClockTimer(clock.clone()))?;
        let recorder = Recorder::new(plan.tasks.len(), plan.warm_until())
            .until(plan.cool_from())
            .counting(Arc::clone(&plan.goals));
        let budget = plan.load.requests.map(|requests| share(requests.get(), index, plan.workers.get()));
        let cursors = Cursors::new(plan.templates.feeds(), index as u64, plan.workers.get() as u64);
        Ok(Self {
            clock,
            cursors: Arc::new(cursors),
            recorder: RefCell::new(recorder),
            held: Held::default(),
            index,
            client,
            budget: Cell::new(budget),
            next_number: Cell::new(index as u64),
            users: Cell::new(0),
            open_requests: Cell::new(0),
            closed_at: Cell::new(None),
            parting: Cell::default(),
            closing: Notify::new(),
            plan,
        })
    }

    /// A connection to be.
    pub(crate) fn slot(&self) -> Slot {
        Slot::new(self.client.connection())
    }

    /// The worker's number, from 0.
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// Whether one more of `count` things, numbered from 0, is this worker's.
    pub(crate) fn owns(&self, number: u64) -> bool {
        number % self.plan.workers.get() as u64 == self.index as u64
    }

    /// Takes one request from the budget; `false` when none may be started any more.
    pub(crate) fn admit(&self) -> bool {
        if self.is_closed() {
            return false;
        }
        match self.budget.get() {
            None => true,
            Some(0) => false,
            Some(left) => {
                self.budget.set(Some(left - 1));
                true
            }
        }
    }

    /// Whether the number of requests, rather than time, ended the load.
    pub(super) fn is_budget_spent(&self) -> bool {
        self.budget.get() == Some(0)
    }

    /// The number of the next request, unlike any other of the run.
    pub(super) fn take_number(&self) -> u64 {
        let number = self.next_number.get();
        self.next_number.set(number + self.plan.workers.get() as u64);
        number
    }

    /// A request has begun; it counts as unfinished until [`ended`](Self::ended) is called.
    pub(super) fn began(&self, intended: Instant) {
        let mut recorder = self.recorder.borrow_mut();
        recorder.record_start();
        if recorder.is_measured(intended) {
            self.open_requests.set(self.open_requests.get() + 1);
        }
    }

    pub(super) fn ended(&self, intended: Instant) {
        if self.recorder.borrow().is_measured(intended) {
            self.open_requests.set(self.open_requests.get() - 1);
        }
    }

    /// Takes in a request that has ended; the log of requests has those of the measured window.
    pub(super) fn record(&self, task: usize, sample: &Sample) {
        let mut recorder = self.recorder.borrow_mut();
        recorder.record(task, sample);
        if let Some(log) = &self.plan.request_log
            && recorder.is_measured(sample.intended)
        {
            log.push(task, sample);
        }
    }

    /// Requests of the measured window that have started and not ended.
    pub(super) fn unfinished(&self) -> u64 {
        self.open_requests.get()
    }

    /// No more requests are to be started; the measured window ends at `at`.
    pub(super) fn close(&self, at: Instant, parting: Parting) {
        self.closed_at.set(Some(at));
        self.parting.set(parting);
        self.recorder.borrow_mut().close(at);
        self.closing.notify_waiters();
    }

    pub(crate) fn parting(&self) -> Parting {
        self.parting.get()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed_at.get().is_some()
    }

    /// When the measured window ended, if it has.
    pub(crate) fn closed_at(&self) -> Option<Instant> {
        self.closed_at.get()
    }

    /// Whether nothing can be started any more, be the floor closed or the last request sent.
    pub(crate) fn is_over(&self) -> bool {
        self.is_closed() || self.is_budget_spent()
    }

    /// Waits until no more requests are to be started.
    pub(crate) async fn closed(&self) {
        while !self.is_closed() {
            self.closing.notified().await;
        }
    }

    /// Waits for `until`, or until no more requests are to be started.
    pub(crate) async fn wait(&self, until: Instant) -> Woken {
        tokio::select! {
            biased;
            () = self.clock.sleep_until(until) => Woken::Due,
            () = self.closed() => Woken::Closing,
        }
    }
}

/// One of `parts` equal shares of `whole`, the first ones larger by one where it does not divide.
fn share(whole: u64, index: usize, parts: usize) -> u64 {
    let (index, parts) = (index as u64, parts as u64);
    whole / parts + u64::from(index < whole % parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up() {
        for (whole, parts) in [(1000, 3), (2, 3), (0, 1), (7, 7)] {
            assert_eq!((0..parts).map(|index| share(whole, index, parts)).sum::<u64>(), whole);
        }
        assert_eq!(share(8, 0, 3), 3);
        assert_eq!(share(8, 2, 3), 2);
    }
}
