//! Ending or changing a run from outside.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use weir_pace::Rate;

use crate::scenario::USERS_MAX;
use weir_results::LoadKind;

use super::helm::Helm;

/// Ends a run early or changes its load, from any thread: ctrl-C, for one. Clones control the same run.
///
/// A run that is stopped starts nothing new, gives what is in flight a moment to end, and reports what it measured. A
/// run whose load is changed goes on from what it has, and its summary says what was changed when.
#[derive(Clone, Debug)]
pub struct Control {
    halt: Arc<watch::Sender<Halt>>,
    /// Of the run that is under way.
    helm: Arc<Mutex<Option<Helm>>>,
}

/// Why a load cannot be changed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SteerError {
    /// Nothing is under way.
    #[error("there is no run whose load could be changed")]
    NotRunning,
    /// Users of an open loop.
    #[error("the load is one of arrivals at a rate: it has no users to change, only its rate")]
    NoUsers,
    /// The rate of a closed loop.
    #[error("the load is one of users: it has no rate to change, only its users")]
    NoRate,
    /// More users than are allowed.
    #[error("{users} users are out of range; a number from 0 to {most} is needed")]
    TooMany {
        /// What was asked for.
        users: u64,
        /// What is allowed.
        most: u64,
    },
}

/// Takes the helm of a run back when the run is over.
#[derive(Debug)]
pub(crate) struct UnderWay<'a>(&'a Control);

/// How a run is to end.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Halt {
    /// By itself.
    No,
    /// What is in flight gets a moment to end.
    Soon,
    /// What is in flight is cut.
    Now,
}

impl Default for Control {
    fn default() -> Self {
        Self::new()
    }
}

impl Control {
    /// A handle that has not been used yet.
    #[must_use]
    pub fn new() -> Self {
        Self { halt: Arc::new(watch::Sender::new(Halt::No)), helm: Arc::default() }
    }

    /// Ends the run; once is enough.
    pub fn stop(&self) {
        self.halt(Halt::Soon);
    }

    /// Ends the run at once: what is in flight is cut, and counted as unfinished.
    pub fn stop_now(&self) {
        self.halt(Halt::Now);
    }

    /// Whether the run was told to end.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.halt.borrow() > Halt::No
    }

    /// Waits until the run is told to end.
    pub async fn stopped(&self) {
        self.halted(Halt::Soon).await;
    }

    /// Moves a closed loop from the users that it has to this many, at once or by `spawn_rate`. Those who leave finish
    /// what they are at.
    ///
    /// # Errors
    ///
    /// No closed loop is under way, or the number is out of range.
    pub fn set_users(&self, users: u64, spawn_rate: Option<Rate>) -> Result<(), SteerError> {
        if users > USERS_MAX {
            return Err(SteerError::TooMany { users, most: USERS_MAX });
        }
        let helm = self.helm_of(LoadKind::Closed)?;
        helm.turn(users as f64, spawn_rate.map(Rate::per_second));
        Ok(())
    }

    /// Has the arrivals of an open loop come at this rate from now on.
    ///
    /// # Errors
    ///
    /// No open loop is under way.
    pub fn set_rate(&self, rate: Rate) -> Result<(), SteerError> {
        self.helm_of(LoadKind::Open)?.turn(rate.per_second(), None);
        Ok(())
    }

    /// How many users there should be at this moment; `None` when no closed loop is under way.
    #[must_use]
    pub fn users(&self) -> Option<u64> {
        Some(self.helm_of(LoadKind::Closed).ok()?.level().ceil() as u64)
    }

    /// How many requests a second should arrive at this moment; `None` when no open loop is under way.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        Some(self.helm_of(LoadKind::Open).ok()?.level())
    }

    /// Gives the helm of a run into this hand until what is returned is dropped.
    pub(crate) fn take(&self, helm: Helm) -> UnderWay<'_> {
        *self.helm() = Some(helm);
        UnderWay(self)
    }

    fn helm_of(&self, kind: LoadKind) -> Result<Helm, SteerError> {
        match &*self.helm() {
            None => Err(SteerError::NotRunning),
            Some(helm) if helm.kind() == kind => Ok(helm.clone()),
            Some(helm) => Err(match helm.kind() {
                LoadKind::Closed => SteerError::NoRate,
                LoadKind::Open => SteerError::NoUsers,
            }),
        }
    }

    fn helm(&self) -> MutexGuard<'_, Option<Helm>> {
        self.helm.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the run is told to end like this, or sooner.
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

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        *self.0.helm() = None;
    }
}
