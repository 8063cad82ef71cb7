//! The loop of a virtual user: request, answer, think, and again.

use std::rc::Rc;
use std::time::{Duration, Instant};

use weir_pace::{Rng, instant_after};

use crate::run::context::{StopMode, WaitOutcome, WorkerContext};
use crate::run::exchange::Transport;
use crate::run::plan::ClassPlan;

use super::perform::{RequestOutcome, perform};
use super::stop_signal::StopSignal;
use super::virtual_user::VirtualUser;

/// The shortest pause of a user whose connection was refused, however little it thinks.
const BACKOFF: Duration = Duration::from_millis(100);

/// The shortest pause of a user whose request failed or was rate limited, so that a target that fails at once is not
/// flooded.
const FAILURE_PAUSE: Duration = Duration::from_millis(10);

/// The shortest pause of a user before it repeats a failed start.
const START_RETRY: Duration = Duration::from_secs(1);

/// One user of a class, with its connection.
pub(crate) struct UserLoop<'a, T: Transport> {
    class: &'a ClassPlan,
    user: Rc<VirtualUser>,
    rng: Rng,
    connection: T::Connection,
}

/// The result of a user's `on_start` tasks.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum StartOutcome {
    /// All succeeded; the first task should start at this instant.
    Ready(Instant),
    /// They did not succeed before the end of the load.
    Failed,
}

impl<'a, T: Transport> UserLoop<'a, T> {
    pub(crate) fn new(worker: &WorkerContext<T>, class: &'a ClassPlan, number: u64, rng: Rng) -> Self {
        let connection = worker.transport.connection();
        Self { class, user: Rc::new(VirtualUser::new(number)), rng, connection }
    }

    pub(crate) fn user(&self) -> Rc<VirtualUser> {
        Rc::clone(&self.user)
    }

    /// Runs until it is stopped or no more requests may start. The first request should start at `intended`.
    pub(crate) async fn run(mut self, worker: &WorkerContext<T>, intended: Instant, stop: Rc<StopSignal>) {
        if let StartOutcome::Ready(intended) = self.start(worker, intended, &stop).await {
            self.work(worker, intended, &stop).await;
            self.stop(worker).await;
        }
    }

    /// Performs the `on_start` tasks, repeatedly until all succeed.
    pub(crate) async fn start(
        &mut self,
        worker: &WorkerContext<T>,
        mut intended: Instant,
        stop: &StopSignal,
    ) -> StartOutcome {
        if self.class.on_start.is_empty() {
            return StartOutcome::Ready(intended);
        }
        while !stop.is_set() && !worker.is_closed() {
            if let StartOutcome::Ready(at) = self.try_start(worker, intended).await {
                return StartOutcome::Ready(at);
            }
            // A failed start counts as a request, so that a run with a number of requests ends even if no user can start.
            if !worker.admit() {
                break;
            }
            let pause = self.class.think.sample(&mut self.rng).max(START_RETRY);
            intended = instant_after(worker.clock.now(), pause);
            if wait(worker, intended, stop).await == WaitOutcome::Closed {
                break;
            }
        }
        StartOutcome::Failed
    }

    async fn try_start(&mut self, worker: &WorkerContext<T>, mut intended: Instant) -> StartOutcome {
        for task in self.class.on_start.clone() {
            if self.perform(worker, task, intended).await != RequestOutcome::Completed {
                return StartOutcome::Failed;
            }
            intended = worker.clock.now();
        }
        StartOutcome::Ready(intended)
    }

    async fn work(&mut self, worker: &WorkerContext<T>, mut intended: Instant, stop: &StopSignal) {
        while !stop.is_set() && worker.admit() {
            let task = self.class.first_task + self.class.tasks.pick(&mut self.rng);
            let outcome = self.perform(worker, task, intended).await;
            let of_task = worker.plan.tasks.get(task).and_then(|task| task.think.as_ref());
            let think = of_task.unwrap_or(&self.class.think).sample(&mut self.rng);
            let pause = match outcome {
                RequestOutcome::Completed => think,
                RequestOutcome::Refused => think.max(FAILURE_PAUSE),
                RequestOutcome::Unreachable => think.max(BACKOFF),
            };
            intended = instant_after(worker.clock.now(), pause);
            if !pause.is_zero() && wait(worker, intended, stop).await == WaitOutcome::Closed {
                return;
            }
        }
    }

    /// Performs the `on_stop` tasks, unless the run stops immediately.
    pub(crate) async fn stop(&mut self, worker: &WorkerContext<T>) {
        for task in self.class.on_stop.clone() {
            if worker.stop_mode() == StopMode::Immediate {
                return;
            }
            self.perform(worker, task, worker.clock.now()).await;
        }
    }

    async fn perform(&mut self, worker: &WorkerContext<T>, task: usize, intended: Instant) -> RequestOutcome {
        perform(worker, &mut self.connection, task, intended, &self.user, &mut self.rng).await
    }
}

/// Waits for the start of a user's next request, if it may start.
async fn wait<T>(worker: &WorkerContext<T>, intended: Instant, stop: &StopSignal) -> WaitOutcome {
    let is_over = worker.plan.end().is_some_and(|end| intended >= end);
    if is_over || stop.wait(worker, intended).await == WaitOutcome::Closed {
        return WaitOutcome::Closed;
    }
    worker.record_lateness(intended);
    WaitOutcome::Due
}
