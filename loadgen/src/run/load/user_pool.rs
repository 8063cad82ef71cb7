//! The users of one worker.

use std::future::Future;
use std::rc::Rc;
use std::time::Instant;

use weir_pace::{Seed, instant_after};

use crate::run::context::WorkerContext;
use crate::run::control::LoadProfile;
use crate::run::exchange::Transport;
use crate::run::user::{StopSignal, UserLoop};
use crate::run::weights::ClassRotation;

use super::ramp::{RampSchedule, RampStep, UserChange};

/// Keeps the number of this worker's users on the load profile.
pub(super) struct UserPool<'a, T> {
    worker: &'a WorkerContext<T>,
    profile: LoadProfile,
    ramp: RampSchedule,
    /// The stop signals of the users who are not stopping, in the order in which they joined.
    stop_signals: Vec<Rc<StopSignal>>,
    /// The number of users stopped so far.
    stopped: u64,
    classes: ClassRotation,
    seed: Seed,
}

/// The next change of the number of users.
#[derive(Copy, Clone, Debug)]
pub(super) struct DueChange {
    pub(super) at: Instant,
    change: UserChange,
}

impl<'a, T: Transport> UserPool<'a, T> {
    pub(super) fn new(worker: &'a WorkerContext<T>, profile: LoadProfile) -> Self {
        let plan = &worker.plan;
        Self {
            worker,
            ramp: ramp(worker, &profile),
            profile,
            stop_signals: Vec::new(),
            stopped: 0,
            classes: ClassRotation::new(plan.classes.iter().map(|class| class.weight)),
            seed: plan.seed.named("users"),
        }
    }

    /// Follows another profile from now on, starting with the current users.
    pub(super) fn follow(&mut self, profile: LoadProfile) {
        self.ramp = ramp(self.worker, &profile);
        self.profile = profile;
    }

    /// Returns the next change, if there is one.
    pub(super) fn next_change(&mut self) -> Option<DueChange> {
        let RampStep { offset, change } = self.ramp.next(self.stop_signals.len())?;
        Some(DueChange { at: instant_after(self.profile.since(), offset), change })
    }

    /// Whether the profile wants at least one user now.
    pub(super) fn wants_users(&self) -> bool {
        !self.stop_signals.is_empty()
    }

    /// Applies a change. Returns the loop of a user who joins, to be polled by the caller.
    pub(super) fn apply(&mut self, due: DueChange) -> Option<impl Future<Output = ()> + use<'a, T>> {
        match due.change {
            UserChange::Leave => {
                self.stopped += 1;
                self.stop_signals.pop()?.set();
                None
            }
            UserChange::Join => {
                let number = self.ramp.number(self.stop_signals.len());
                let stop = Rc::new(StopSignal::default());
                self.stop_signals.push(Rc::clone(&stop));
                let class = self.classes.class_of(usize::try_from(number).ok()?);
                let class = self.worker.plan.classes.get(class)?;
                // A user who joins after another has left makes other random choices.
                let rng = self.seed.derive(number).derive(self.stopped).rng();
                Some(UserLoop::new(self.worker, class, number, rng).run(self.worker, due.at, stop))
            }
        }
    }
}

fn ramp<T>(worker: &WorkerContext<T>, profile: &LoadProfile) -> RampSchedule {
    RampSchedule::new(profile.curve().clone(), worker.index(), worker.plan.workers.get())
}
