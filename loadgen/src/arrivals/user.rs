//! A virtual user: asks, waits for the answer, thinks, and asks again.

use std::rc::Rc;
use std::time::{Duration, Instant};

use weir_pace::Rng;

use crate::engine::{ClassPlan, Floor, Parting, Persona, Slot, Sought, Woken, after};

use super::stay::Stay;

/// A user whose connection was refused waits at least this long, however little it thinks.
const BACKOFF: Duration = Duration::from_millis(100);

/// A user who could not start waits at least this long before it tries again.
const RETRY: Duration = Duration::from_secs(1);

/// One user of a class.
pub(super) struct User<'a> {
    class: &'a ClassPlan,
    who: Rc<Persona>,
    rng: Rng,
    slot: Slot,
}

/// How a user's start came out.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Started {
    /// Its first task should begin at this instant.
    Ready(Instant),
    /// The run was over before it worked.
    Over,
}

impl<'a> User<'a> {
    pub(super) fn new(floor: &Floor, class: &'a ClassPlan, number: u64, rng: Rng) -> Self {
        Self { class, who: Rc::new(Persona::new(number)), rng, slot: floor.slot() }
    }

    pub(super) fn persona(&self) -> Rc<Persona> {
        Rc::clone(&self.who)
    }

    /// Lives until its stay is over or no more requests are to be started; the first one should start at `intended`.
    pub(super) async fn live(mut self, floor: &Floor, intended: Instant, stay: Rc<Stay>) {
        if let Started::Ready(intended) = self.start(floor, intended, &stay).await {
            self.work(floor, intended, &stay).await;
            self.stop(floor).await;
        }
    }

    /// Does what is done before the first task, again and again until all of it works.
    pub(super) async fn start(&mut self, floor: &Floor, mut intended: Instant, stay: &Stay) -> Started {
        if self.class.on_start.is_empty() {
            return Started::Ready(intended);
        }
        while !stay.is_over() && !floor.is_closed() {
            if let Started::Ready(at) = self.try_start(floor, intended).await {
                return Started::Ready(at);
            }
            // A start that works is no task; one that does not takes the place of one, so that a run of so many
            // requests ends even if nobody ever gets in.
            if !floor.admit() {
                break;
            }
            intended = after(Instant::now(), self.class.think.sample(&mut self.rng).max(RETRY));
            if wait(floor, intended, stay).await == Woken::Closing {
                break;
            }
        }
        Started::Over
    }

    async fn try_start(&mut self, floor: &Floor, mut intended: Instant) -> Started {
        for task in self.class.on_start.clone() {
            if self.slot.perform(floor, task, intended, &self.who, &mut self.rng).await != Sought::Completed {
                return Started::Over;
            }
            intended = Instant::now();
        }
        Started::Ready(intended)
    }

    async fn work(&mut self, floor: &Floor, mut intended: Instant, stay: &Stay) {
        while !stay.is_over() && floor.admit() {
            let task = self.class.first_task + self.class.tasks.pick(&mut self.rng);
            let sought = self.slot.perform(floor, task, intended, &self.who, &mut self.rng).await;
            let own = floor.plan.tasks.get(task).and_then(|task| task.think.as_ref());
            let think = own.unwrap_or(&self.class.think).sample(&mut self.rng);
            let pause = match sought {
                Sought::Completed | Sought::Refused => think,
                Sought::Unreachable => think.max(BACKOFF),
            };
            intended = after(Instant::now(), pause);
            if !pause.is_zero() && wait(floor, intended, stay).await == Woken::Closing {
                return;
            }
        }
    }

    /// Does what is done after the last task, unless nobody waits for it.
    pub(super) async fn stop(&mut self, floor: &Floor) {
        for task in self.class.on_stop.clone() {
            if floor.parting() == Parting::Abrupt {
                return;
            }
            self.slot.perform(floor, task, Instant::now(), &self.who, &mut self.rng).await;
        }
    }
}

/// Waits until a user's next request should start, if it may.
async fn wait(floor: &Floor, intended: Instant, stay: &Stay) -> Woken {
    let is_over = floor.plan.end().is_some_and(|end| intended >= end);
    if is_over || stay.wait(floor, intended).await == Woken::Closing {
        return Woken::Closing;
    }
    floor.recorder.borrow_mut().record_lateness(intended, Instant::now());
    Woken::Due
}
