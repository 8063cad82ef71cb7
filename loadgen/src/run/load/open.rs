//! An open loop: arrivals at a given rate, each measured from the instant at which it should have started.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use weir_pace::{ArrivalsError, Seed};

use crate::run::context::WorkerContext;
use crate::run::control::LoadReceiver;
use crate::run::exchange::Transport;
use crate::run::user::{StartOutcome, VirtualUser, perform};
use crate::run::weights::Weights;
use crate::scenario::OpenLoop;

use super::arrival_schedule::{Arrival, ArrivalSchedule};
use super::class_setup::ClassSetup;

/// An arrival that starts later than this after its instant counts as late.
const LATE_AFTER: Duration = Duration::from_millis(1);

/// Starts the arrivals of one worker.
struct Dispatcher<'a, T: Transport> {
    worker: &'a WorkerContext<T>,
    in_flight_max: usize,
    idle_connections: Vec<T::Connection>,
    /// Arrivals that wait because as many as allowed are in flight, or the setup is pending.
    queue: VecDeque<Arrival>,
    setup: SetupState,
    classes: Weights,
    /// The user of each class, shared by its arrivals.
    users: Vec<Rc<VirtualUser>>,
    seed: Seed,
}

/// The state of the classes' `on_start` tasks.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum SetupState {
    /// Arrivals wait in the queue.
    Pending,
    Ready,
    /// The setup did not succeed before the end of the load: no arrival starts.
    Failed,
}

/// What happens to an arrival that is due.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum ArrivalAction {
    Start,
    /// It waits in the queue, or was shed because the queue is full.
    Wait,
    /// No more requests may start.
    End,
}

/// Starts this worker's arrivals when they are due, until the load is closed and everything in flight has ended.
pub(super) fn generate<'a, T: Transport>(
    worker: &'a WorkerContext<T>,
    load: &OpenLoop,
) -> Result<impl Future<Output = ()> + use<'a, T>, ArrivalsError> {
    let (profile, receiver) = worker.plan.controller.subscribe();
    let schedule = ArrivalSchedule::new(&worker.plan, load, profile)?;
    let dispatcher = Dispatcher {
        worker,
        in_flight_max: usize::try_from(load.max_in_flight.get()).unwrap_or(usize::MAX),
        idle_connections: Vec::new(),
        queue: VecDeque::new(),
        setup: SetupState::Pending,
        users: Vec::new(),
        classes: Weights::new(worker.plan.classes.iter().map(|class| class.weight)),
        seed: worker.plan.seed.named("arrivals in flight"),
    };
    Ok(run(dispatcher, schedule, receiver))
}

async fn run<T: Transport>(
    mut dispatcher: Dispatcher<'_, T>,
    schedule: ArrivalSchedule,
    receiver: LoadReceiver,
) {
    let worker = dispatcher.worker;
    let mut setup = ClassSetup::new(worker);
    dispatcher.users = setup.users();
    dispatch(dispatcher, schedule, &mut setup, receiver).await;
    setup.stop(worker).await;
}

async fn dispatch<T: Transport>(
    mut dispatcher: Dispatcher<'_, T>,
    mut schedule: ArrivalSchedule,
    setup: &mut ClassSetup<'_, T>,
    receiver: LoadReceiver,
) {
    let worker = dispatcher.worker;
    let mut setup_done = pin!(setup.start(worker));
    let mut in_flight = FuturesUnordered::new();
    // A collection of one future, so that it is polled only when it is woken.
    let mut changes = FuturesUnordered::from_iter([receiver.changed()]);
    let mut next = schedule.next(|number| worker.owns(number));
    let mut due = worker.clock.sleep_until(next.intended);
    let mut is_over = false;
    loop {
        tokio::select! {
            // A request that has ended makes room for the next.
            biased;
            Some(connection) = in_flight.next() => {
                dispatcher.idle_connections.push(connection);
                if let Some(arrival) = dispatcher.next_in_queue() {
                    in_flight.push(dispatcher.start(arrival));
                }
            }
            () = worker.closed(), if !is_over => {
                is_over = true;
                while worker.closed_at().is_some_and(|closed| next.intended < closed) {
                    dispatcher.shed_unnoticed();
                    next = schedule.next(|number| worker.owns(number));
                }
            }
            Some((profile, receiver)) = changes.next(), if !is_over => {
                next = schedule.follow(profile, next);
                due.reset(next.intended);
                changes.push(receiver.changed());
            }
            outcome = &mut setup_done, if dispatcher.setup == SetupState::Pending => {
                dispatcher.setup = match outcome {
                    StartOutcome::Ready(_) => SetupState::Ready,
                    StartOutcome::Failed => SetupState::Failed,
                };
                while in_flight.len() < dispatcher.in_flight_max
                    && let Some(arrival) = dispatcher.next_in_queue()
                {
                    in_flight.push(dispatcher.start(arrival));
                }
            }
            () = &mut due, if !is_over => {
                match dispatcher.arrive(next, in_flight.len()) {
                    ArrivalAction::Start => in_flight.push(dispatcher.start(next)),
                    ArrivalAction::Wait => {}
                    ArrivalAction::End => is_over = true,
                }
                next = schedule.next(|number| worker.owns(number));
                due.reset(next.intended);
            }
            else => break,
        }
        if is_over {
            dispatcher.shed_queue();
        }
        worker.users.set(in_flight.len() as u64);
    }
}

impl<'a, T: Transport> Dispatcher<'a, T> {
    /// Decides about an arrival that is due.
    fn arrive(&mut self, arrival: Arrival, in_flight: usize) -> ArrivalAction {
        if self.worker.plan.end().is_some_and(|end| arrival.intended >= end) || !self.worker.admit() {
            return ArrivalAction::End;
        }
        let mut recorder = self.worker.recorder.borrow_mut();
        let counts = recorder.arrivals();
        counts.planned += 1;
        if in_flight < self.in_flight_max && self.setup == SetupState::Ready {
            recorder.record_lateness(arrival.intended, self.worker.clock.now());
            return ArrivalAction::Start;
        }
        if self.queue.len() < self.in_flight_max {
            self.queue.push_back(arrival);
            counts.queued += 1;
            counts.queue_max = counts.queue_max.max(self.queue.len() as u64);
        } else {
            counts.shed += 1;
        }
        ArrivalAction::Wait
    }

    /// Counts an arrival that was due before the end of the load, but was not noticed in time.
    fn shed_unnoticed(&mut self) {
        let mut recorder = self.worker.recorder.borrow_mut();
        let counts = recorder.arrivals();
        counts.planned += 1;
        counts.shed += 1;
    }

    /// Takes the first arrival of the queue, if arrivals may start.
    fn next_in_queue(&mut self) -> Option<Arrival> {
        let may_start = self.setup == SetupState::Ready && !self.worker.is_closed();
        if may_start { self.queue.pop_front() } else { None }
    }

    /// Sheds the arrivals that wait at the end of the load.
    fn shed_queue(&mut self) {
        let shed = self.queue.len() as u64;
        self.queue.clear();
        let mut recorder = self.worker.recorder.borrow_mut();
        let counts = recorder.arrivals();
        counts.shed += shed;
    }

    /// Starts an arrival on an idle connection, or on a new one. The future returns the connection.
    fn start(&mut self, arrival: Arrival) -> impl Future<Output = T::Connection> + use<'a, T> {
        let Arrival { number, intended, .. } = arrival;
        let worker = self.worker;
        let mut connection = self.idle_connections.pop().unwrap_or_else(|| worker.transport.connection());
        let mut rng = self.seed.derive(number).rng();
        let class = self.classes.pick(&mut rng);
        #[expect(clippy::expect_used, reason = "an arrival that is not sent must not count as started")]
        let (user, class) = self
            .users
            .get(class)
            .map(Rc::clone)
            .zip(worker.plan.classes.get(class))
            .expect("weights, classes and their users are made from one list");
        let task = class.first_task + class.tasks.pick(&mut rng);
        let late_by = worker.clock.now().saturating_duration_since(intended);
        let mut recorder = worker.recorder.borrow_mut();
        let counts = recorder.arrivals();
        counts.started += 1;
        counts.late += u64::from(late_by > LATE_AFTER);
        drop(recorder);
        async move {
            perform(worker, &mut connection, task, intended, &user, &mut rng).await;
            connection
        }
    }
}
