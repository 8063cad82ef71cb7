//! The handle of a call that an engine has admitted.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    task::Waker,
    time::Instant,
};

use super::{cluster::Cluster, sequence::SequenceId};
use crate::schedule::{LiveState, LiveTimes};

/// The handle of a call.
pub(super) struct CallHandle {
    cluster: Arc<Mutex<Cluster>>,
    id: SequenceId,
    kind: HandleKind,
}

/// What a handle does when it is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HandleKind {
    /// The last one cancels the call.
    Owner,
    /// None.
    Observer,
}

impl CallHandle {
    /// The owner of a call that was just admitted.
    pub(super) const fn new(cluster: Arc<Mutex<Cluster>>, id: SequenceId) -> Self {
        Self { cluster, id, kind: HandleKind::Owner }
    }

    fn another(&self, kind: HandleKind) -> Box<dyn LiveTimes> {
        let mut cluster = self.cluster.lock().unwrap_or_else(PoisonError::into_inner);
        cluster.add_handle(self.id, kind == HandleKind::Owner);
        Box::new(Self { cluster: Arc::clone(&self.cluster), id: self.id, kind })
    }
}

impl LiveTimes for CallHandle {
    fn read(&self, now: Instant, waker: Option<&Waker>) -> LiveState {
        // Wakers are called and dropped after the lock is released: they may drop tasks with other handles.
        let (mut woken, mut replaced) = (Vec::new(), Vec::new());
        let waker = waker.filter(|_| self.kind == HandleKind::Owner);
        let mut cluster = self.cluster.lock().unwrap_or_else(PoisonError::into_inner);
        cluster.advance(now, &mut woken);
        let state = cluster.state(self.id, waker, &mut replaced);
        drop(cluster);
        woken.into_iter().for_each(Waker::wake);
        state
    }

    fn share(&self) -> Box<dyn LiveTimes> {
        self.another(self.kind)
    }

    fn observe(&self) -> Box<dyn LiveTimes> {
        self.another(HandleKind::Observer)
    }
}

impl Drop for CallHandle {
    fn drop(&mut self) {
        let mut woken = Vec::new();
        let mut cluster = self.cluster.lock().unwrap_or_else(PoisonError::into_inner);
        let removed = cluster.remove_handle(self.id, self.kind == HandleKind::Owner, &mut woken);
        drop(cluster);
        drop(removed);
        woken.into_iter().for_each(Waker::wake);
    }
}

impl fmt::Debug for CallHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallHandle").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}
