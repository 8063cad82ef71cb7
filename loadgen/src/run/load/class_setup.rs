//! The `on_start` and `on_stop` tasks of an open loop, whose arrivals have no users.

use std::rc::Rc;

use crate::run::context::WorkerContext;
use crate::run::exchange::Transport;
use crate::run::user::{StartOutcome, StopSignal, UserLoop, VirtualUser};

/// One user of each class on each worker. It performs the class's `on_start` and `on_stop` tasks once; all arrivals of
/// the class share the values that it captures.
pub(super) struct ClassSetup<'a, T: Transport> {
    users: Vec<UserLoop<'a, T>>,
    /// The number of users that have started.
    started: usize,
    /// Never set.
    stop: StopSignal,
}

impl<'a, T: Transport> ClassSetup<'a, T> {
    pub(super) fn new(worker: &'a WorkerContext<T>) -> Self {
        let (number, seed) = (worker.index() as u64, worker.plan.seed.named("hosts"));
        let classes = worker.plan.classes.iter().zip(0_u64..);
        let user = |(class, nth): (&'a _, u64)| {
            let rng = seed.derive(nth * worker.plan.workers.get() as u64 + number).rng();
            UserLoop::new(worker, class, number, rng)
        };
        Self { users: classes.map(user).collect(), started: 0, stop: StopSignal::default() }
    }

    /// The users, by class.
    pub(super) fn users(&self) -> Vec<Rc<VirtualUser>> {
        self.users.iter().map(UserLoop::user).collect()
    }

    /// Performs the `on_start` tasks of each class.
    pub(super) async fn start(&mut self, worker: &WorkerContext<T>) -> StartOutcome {
        let mut intended = worker.clock.now();
        for user in &mut self.users {
            match user.start(worker, intended, &self.stop).await {
                StartOutcome::Ready(at) => intended = at,
                StartOutcome::Failed => return StartOutcome::Failed,
            }
            self.started += 1;
        }
        StartOutcome::Ready(intended)
    }

    /// Performs the `on_stop` tasks of the classes that have started.
    pub(super) async fn stop(&mut self, worker: &WorkerContext<T>) {
        for user in self.users.iter_mut().take(self.started) {
            user.stop(worker).await;
        }
    }
}
