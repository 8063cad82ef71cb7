//! A virtual user: asks, waits for the answer, thinks, and asks again.

use std::rc::Rc;
use std::time::{Duration, Instant};

use weir_pace::Rng;

use crate::engine::{ClassPlan, Floor, Slot, Sought, Woken, after};

use super::stay::Stay;

/// A user whose connection was refused waits at least this long, however little it thinks.
const BACKOFF: Duration = Duration::from_millis(100);

/// One user of a class.
pub(super) struct User<'a> {
    class: &'a ClassPlan,
    rng: Rng,
    slot: Slot,
}

impl<'a> User<'a> {
    pub(super) fn new(floor: &Floor, class: &'a ClassPlan, rng: Rng) -> Self {
        Self { class, rng, slot: floor.slot() }
    }

    /// Lives until its stay is over or no more requests are to be started; the first one should start at `intended`.
    pub(super) async fn live(mut self, floor: &Floor, mut intended: Instant, stay: Rc<Stay>) {
        while !stay.is_over() && floor.admit() {
            let task = self.class.first_task + self.class.tasks.pick(&mut self.rng);
            let sought = self.slot.perform(floor, task, intended, &mut self.rng).await;
            let pause = match sought {
                Sought::Answer => self.class.think.sample(&mut self.rng),
                Sought::Unreachable => self.class.think.sample(&mut self.rng).max(BACKOFF),
            };
            intended = after(Instant::now(), pause);
            if pause.is_zero() {
                continue;
            }
            let is_over = floor.plan.end().is_some_and(|end| intended >= end);
            if is_over || stay.wait(floor, intended).await == Woken::Closing {
                return;
            }
            floor.recorder.borrow_mut().record_lateness(intended, Instant::now());
        }
    }
}
