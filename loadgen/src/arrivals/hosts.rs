//! Who starts and stops for arrivals at a rate, none of which stays.

use std::rc::Rc;
use std::time::Instant;

use crate::engine::{Floor, Persona};

use super::stay::Stay;
use super::user::{Started, User};

/// One user of each class on each worker: it does what the class's users do once, and all arrivals of the class share
/// what it captures.
pub(super) struct Hosts<'a> {
    users: Vec<User<'a>>,
    /// The first of them that have started.
    started: usize,
    /// Nobody sends them away.
    stay: Stay,
}

impl<'a> Hosts<'a> {
    pub(super) fn new(floor: &'a Floor) -> Self {
        let (worker, seed) = (floor.index() as u64, floor.plan.seed.named("hosts"));
        let classes = floor.plan.classes.iter().zip(0_u64..);
        let host = |(class, nth): (&'a _, u64)| {
            let rng = seed.derive(nth * floor.plan.workers.get() as u64 + worker).rng();
            User::new(floor, class, worker, rng)
        };
        Self { users: classes.map(host).collect(), started: 0, stay: Stay::default() }
    }

    /// By class.
    pub(super) fn personas(&self) -> Vec<Rc<Persona>> {
        self.users.iter().map(User::persona).collect()
    }

    /// Does what is done before the first arrival.
    pub(super) async fn start(&mut self, floor: &Floor) -> Started {
        let mut begun = Instant::now();
        for user in &mut self.users {
            match user.start(floor, begun, &self.stay).await {
                Started::Ready(at) => begun = at,
                Started::Over => return Started::Over,
            }
            self.started += 1;
        }
        Started::Ready(begun)
    }

    /// Does what is done after the last arrival.
    pub(super) async fn stop(&mut self, floor: &Floor) {
        for user in self.users.iter_mut().take(self.started) {
            user.stop(floor).await;
        }
    }
}
