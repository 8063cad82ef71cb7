//! Changes of the load while it runs.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;

use weir_results::{LoadChange, LoadKind};

use super::load_profile::LoadProfile;

/// The largest number of changes that the summary lists; later ones only take effect.
const LISTED_CHANGES_MAX: usize = 1_000;

/// Reads the current instant of a run's clock, from any thread.
pub(crate) type Now = Arc<dyn Fn() -> Instant + Send + Sync>;

/// Sets the level of one run's load. Clones control the same run.
#[derive(Clone)]
pub(crate) struct LoadController {
    kind: LoadKind,
    epoch: Instant,
    now: Now,
    state: Arc<watch::Sender<LoadState>>,
}

#[derive(Clone, Debug)]
struct LoadState {
    profile: LoadProfile,
    changes: Vec<LoadChange>,
}

/// A worker's receiver of changes.
#[derive(Debug)]
pub(crate) struct LoadReceiver(watch::Receiver<LoadState>);

impl LoadController {
    pub(crate) fn new(kind: LoadKind, epoch: Instant, profile: LoadProfile, now: Now) -> Self {
        let state = LoadState { profile, changes: Vec::new() };
        Self { kind, epoch, now, state: Arc::new(watch::Sender::new(state)) }
    }

    pub(crate) fn kind(&self) -> LoadKind {
        self.kind
    }

    /// Returns the current level.
    pub(crate) fn level(&self) -> f64 {
        self.state.borrow().profile.level_at((self.now)())
    }

    /// Changes the level from now on, at once or by `per_second`.
    pub(crate) fn set_level(&self, level: f64, per_second: Option<f64>) {
        let now = (self.now)();
        let at_s = now.saturating_duration_since(self.epoch).as_secs_f64();
        self.state.send_modify(|state| {
            state.profile = state.profile.changed_at(now, level, per_second);
            if state.changes.len() < LISTED_CHANGES_MAX {
                state.changes.push(LoadChange { at_s, to: level, per_second });
            }
        });
    }

    /// Returns the changes so far.
    pub(crate) fn changes(&self) -> Vec<LoadChange> {
        self.state.borrow().changes.clone()
    }

    /// Returns the current profile, and a receiver of its changes.
    pub(crate) fn subscribe(&self) -> (LoadProfile, LoadReceiver) {
        let mut receiver = self.state.subscribe();
        let profile = receiver.borrow_and_update().profile.clone();
        (profile, LoadReceiver(receiver))
    }
}

impl fmt::Debug for LoadController {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadController")
            .field("kind", &self.kind)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl LoadReceiver {
    /// Waits for the next change; pending forever when no controller is left.
    pub(crate) async fn changed(mut self) -> (LoadProfile, Self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        let profile = self.0.borrow_and_update().profile.clone();
        (profile, self)
    }
}
