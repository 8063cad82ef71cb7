//! Stops a run or changes its load from outside.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use weir_pace::Rate;

use crate::scenario::USERS_MAX;
use weir_results::LoadKind;

use super::load_controller::LoadController;

/// Stops a run or changes its load, from any thread, for example on ctrl-C. Clones control the same run.
///
/// A stopped run starts no more requests, gives those in flight a short grace, and reports what it measured. A changed
/// load continues from its current level; the summary lists the changes.
#[derive(Clone, Debug)]
pub struct Control {
    halt: Arc<watch::Sender<Halt>>,
    /// The controller of the current run.
    controller: Arc<Mutex<Option<LoadController>>>,
}

/// Why the load cannot be changed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadChangeError {
    /// No run is in progress.
    #[error("no run is in progress")]
    NotRunning,
    /// An open loop has no users.
    #[error("the load is arrivals at a rate; change its rate, not its users")]
    NoUsers,
    /// A closed loop has no rate.
    #[error("the load is a number of users; change its users, not its rate")]
    NoRate,
    /// Too many users.
    #[error("users: {users} is out of range; expected a number from 0 to {max}")]
    TooMany {
        /// The given number.
        users: u64,
        /// The largest number.
        max: u64,
    },
}

/// Detaches the controller of a run when it is dropped.
#[derive(Debug)]
pub(crate) struct Attached<'a>(&'a Control);

/// How a run must end.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Halt {
    /// By itself.
    Never,
    /// Requests in flight get a short grace.
    Soon,
    /// Requests in flight are cut.
    Now,
}

impl Default for Control {
    fn default() -> Self {
        Self::new()
    }
}

impl Control {
    /// Creates a handle for the next run.
    #[must_use]
    pub fn new() -> Self {
        Self { halt: Arc::new(watch::Sender::new(Halt::Never)), controller: Arc::default() }
    }

    /// Stops the run; requests in flight get a short grace.
    pub fn stop(&self) {
        self.halt(Halt::Soon);
    }

    /// Stops the run at once: requests in flight are cut, and counted as unfinished.
    pub fn stop_now(&self) {
        self.halt(Halt::Now);
    }

    /// Whether the run was stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.halt.borrow() > Halt::Never
    }

    /// Waits until the run is stopped.
    pub async fn stopped(&self) {
        self.halted(Halt::Soon).await;
    }

    /// Changes the number of users of a closed loop, at once or at `spawn_rate`. Users who leave finish their request.
    ///
    /// # Errors
    ///
    /// Fails if no closed loop is running, or the number is out of range.
    pub fn set_users(&self, users: u64, spawn_rate: Option<Rate>) -> Result<(), LoadChangeError> {
        if users > USERS_MAX {
            return Err(LoadChangeError::TooMany { users, max: USERS_MAX });
        }
        let controller = self.controller_of(LoadKind::Closed)?;
        controller.set_level(users as f64, spawn_rate.map(Rate::per_second));
        Ok(())
    }

    /// Changes the arrival rate of an open loop.
    ///
    /// # Errors
    ///
    /// Fails if no open loop is running.
    pub fn set_rate(&self, rate: Rate) -> Result<(), LoadChangeError> {
        self.controller_of(LoadKind::Open)?.set_level(rate.per_second(), None);
        Ok(())
    }

    /// Returns the planned number of users at this moment; `None` if no closed loop is running.
    #[must_use]
    pub fn users(&self) -> Option<u64> {
        Some(self.controller_of(LoadKind::Closed).ok()?.level().ceil() as u64)
    }

    /// Returns the planned arrivals per second at this moment; `None` if no open loop is running.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        Some(self.controller_of(LoadKind::Open).ok()?.level())
    }

    /// Controls a run until the returned guard is dropped.
    pub(crate) fn attach(&self, controller: LoadController) -> Attached<'_> {
        *self.controller() = Some(controller);
        Attached(self)
    }

    fn controller_of(&self, kind: LoadKind) -> Result<LoadController, LoadChangeError> {
        match &*self.controller() {
            None => Err(LoadChangeError::NotRunning),
            Some(controller) if controller.kind() == kind => Ok(controller.clone()),
            Some(controller) => Err(match controller.kind() {
                LoadKind::Closed => LoadChangeError::NoRate,
                LoadKind::Open => LoadChangeError::NoUsers,
            }),
        }
    }

    fn controller(&self) -> MutexGuard<'_, Option<LoadController>> {
        self.controller.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the run must end like this, or sooner.
    pub(crate) async fn halted(&self, how: Halt) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.halt.subscribe().wait_for(|halt| *halt >= how).await;
    }

    fn halt(&self, how: Halt) {
        self.halt.send_if_modified(|halt| {
            let is_sooner = how > *halt;
            *halt = how.max(*halt);
            is_sooner
        });
    }
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        *self.0.controller() = None;
    }
}
