//! An open loop: arrivals at a rate of their own, each measured from the instant at which it should have started.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use weir_pace::{ArrivalsError, Seed};

use crate::control::Lookout;
use crate::engine::{Floor, Persona, Slot};
use crate::scenario::OpenLoop;

use super::Weights;
use super::hosts::Hosts;
use super::schedule::{Arrival, Schedule};
use super::user::Started;

/// An arrival that starts more than this after its instant counts as late.
const LATE_AFTER: Duration = Duration::from_millis(1);

/// The arrivals of one worker.
struct Dispatch<'a> {
    floor: &'a Floor,
    limit: usize,
    /// Connections that nobody uses at the moment.
    idle: Vec<Slot>,
    /// Arrivals that wait because as many as allowed are in flight.
    queue: VecDeque<Arrival>,
    doors: Doors,
    classes: Weights,
    /// Of the classes' hosts.
    personas: Vec<Rc<Persona>>,
    seed: Seed,
}

/// Whether arrivals can start.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Doors {
    /// The hosts are starting: arrivals wait for their turn.
    Shut,
    Open,
    /// The hosts could not start before the end of the run: arrivals wait in vain.
    Locked,
}

/// What becomes of an arrival that is due.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Turn {
    Start,
    Wait,
    /// No more requests may be started.
    Over,
}

/// Starts this worker's arrivals when they are due, until the floor is closed and what is in flight has ended.
pub(super) fn drive<'a>(
    floor: &'a Floor,
    load: &OpenLoop,
) -> Result<impl Future<Output = ()> + 'a, ArrivalsError> {
    let (course, lookout) = floor.plan.helm.follow();
    let schedule = Schedule::new(&floor.plan, load, course)?;
    let dispatch = Dispatch {
        floor,
        limit: usize::try_from(load.max_in_flight.get()).unwrap_or(usize::MAX),
        idle: Vec::new(),
        queue: VecDeque::new(),
        doors: Doors::Shut,
        personas: Vec::new(),
        classes: Weights::new(floor.plan.classes.iter().map(|class| class.weight)),
        seed: floor.plan.seed.named("arrivals in flight"),
    };
    Ok(run(dispatch, schedule, lookout))
}

async fn run(mut dispatch: Dispatch<'_>, mut schedule: Schedule, lookout: Lookout) {
    let floor = dispatch.floor;
    let mut hosts = Hosts::new(floor);
    dispatch.personas = hosts.personas();
    receive(dispatch, &mut schedule, &mut hosts, lookout).await;
    hosts.stop(floor).await;
}

async fn receive(
    mut dispatch: Dispatch<'_>,
    schedule: &mut Schedule,
    hosts: &mut Hosts<'_>,
    lookout: Lookout,
) {
    let floor = dispatch.floor;
    let mut starting = pin!(hosts.start(floor));
    let mut flights = FuturesUnordered::new();
    // One future, polled only when it is woken.
    let mut turns = FuturesUnordered::from_iter([lookout.changed()]);
    let mut next = schedule.next(|number| floor.owns(number));
    let mut due = floor.clock.sleep_until(next.intended);
    let mut over = false;
    loop {
        tokio::select! {
            // What has ended makes room for what is due.
            biased;
            Some(slot) = flights.next() => {
                dispatch.idle.push(slot);
                if let Some(arrival) = dispatch.next_in_queue() {
                    flights.push(dispatch.fly(arrival));
                }
            }
            () = floor.closed(), if !over => {
                over = true;
                while floor.closed_at().is_some_and(|closed| next.intended < closed) {
                    dispatch.miss();
                    next = schedule.next(|number| floor.owns(number));
                }
            }
            Some((course, lookout)) = turns.next(), if !over => {
                next = schedule.turn(course, next);
                due.reset(next.intended);
                turns.push(lookout.changed());
            }
            started = &mut starting, if dispatch.doors == Doors::Shut => {
                dispatch.doors = match started {
                    Started::Ready(_) => Doors::Open,
                    Started::Over => Doors::Locked,
                };
                while flights.len() < dispatch.limit && let Some(arrival) = dispatch.next_in_queue() {
                    flights.push(dispatch.fly(arrival));
                }
            }
            () = &mut due, if !over => {
                match dispatch.arrive(next, flights.len()) {
                    Turn::Start => flights.push(dispatch.fly(next)),
                    Turn::Wait => {}
                    Turn::Over => over = true,
                }
                next = schedule.next(|number| floor.owns(number));
                due.reset(next.intended);
            }
            else => break,
        }
        if over {
            dispatch.shed_queue();
        }
        floor.users.set(flights.len() as u64);
    }
}

impl<'a> Dispatch<'a> {
    /// An arrival is due.
    fn arrive(&mut self, arrival: Arrival, in_flight: usize) -> Turn {
        if self.floor.plan.end().is_some_and(|end| arrival.intended >= end) || !self.floor.admit() {
            return Turn::Over;
        }
        let mut recorder = self.floor.recorder.borrow_mut();
        let counts = recorder.arrivals();
        counts.planned += 1;
        if in_flight < self.limit && self.doors == Doors::Open {
            recorder.record_lateness(arrival.intended, Instant::now());
            return Turn::Start;
        }
        if self.queue.len() < self.limit {
            self.queue.push_back(arrival);
            counts.queued += 1;
            counts.queue_max = counts.queue_max.max(self.queue.len() as u64);
        } else {
            counts.shed += 1;
        }
        Turn::Wait
    }

    /// An arrival was due before the run ended, and nobody has noticed in time.
    fn miss(&mut self) {
        let mut recorder = self.floor.recorder.borrow_mut();
        let counts = recorder.arrivals();
        counts.planned += 1;
        counts.shed += 1;
    }

    /// An arrival that waited for its turn and has it.
    fn next_in_queue(&mut self) -> Option<Arrival> {
        if self.doors == Doors::Open { self.queue.pop_front() } else { None }
    }

    /// Arrivals that waited for their turn when the run ended.
    fn shed_queue(&mut self) {
        let shed = self.queue.len() as u64;
        self.queue.clear();
        let mut recorder = self.floor.recorder.borrow_mut();
        let counts = recorder.arrivals();
        counts.shed += shed;
    }

    /// Starts an arrival on a connection that nobody uses, or on a new one, and gives the connection back.
    fn fly(&mut self, arrival: Arrival) -> impl Future<Output = Slot> + use<'a> {
        let Arrival { number, intended, .. } = arrival;
        let floor = self.floor;
        let mut slot = self.idle.pop().unwrap_or_else(|| floor.slot());
        let mut rng = self.seed.derive(number).rng();
        let class = self.classes.pick(&mut rng);
        #[expect(clippy::expect_used, reason = "an arrival that is not sent must not count as started")]
        let (who, class) = self
            .personas
            .get(class)
            .map(Rc::clone)
            .zip(floor.plan.classes.get(class))
            .expect("weights, classes and their users are made from one list");
        let task = class.first_task + class.tasks.pick(&mut rng);
        let mut recorder = floor.recorder.borrow_mut();
        let counts = recorder.arrivals();
        counts.started += 1;
        counts.late += u64::from(intended.elapsed() > LATE_AFTER);
        drop(recorder);
        async move {
            slot.perform(floor, task, intended, &who, &mut rng).await;
            slot
        }
    }
}
