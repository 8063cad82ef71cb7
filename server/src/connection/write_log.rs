//! When bytes were written, as told by the connection itself.
//!
//! A body announces the frame that it hands over with a mark; hyper writes it, and flushes once its
//! buffer is empty: by then the last write has taken the frame to the socket. All of this happens in the
//! one task of the connection, so the lock is never contended.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Instant,
};

use crate::telemetry::{FramePart, Lateness};

/// One frame that was handed over to be written.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Which part of the answer it holds.
    pub part: FramePart,
    /// When its first token was planned for, and where its lateness is recorded: known of a lease, not of
    /// a chain.
    pub(crate) planned: Option<(Instant, Arc<Lateness>)>,
}

impl Mark {
    /// Returns the mark of a frame without planned times.
    pub const fn new(part: FramePart) -> Self {
        Self { part, planned: None }
    }
}

/// The writes of one connection.
#[derive(Debug, Default)]
pub(crate) struct WriteLog {
    state: Mutex<State>,
    asked: AtomicBool,
    unread: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    marks: Vec<Mark>,
    last_write: Option<Instant>,
    first_token: Option<Instant>,
    waker: Option<Waker>,
}

impl WriteLog {
    /// A new answer begins: what was known of the one before is forgotten.
    pub(crate) fn begin(&self) {
        let mut state = self.lock();
        state.marks.clear();
        state.first_token = None;
        state.waker = None;
    }

    /// The next bytes that are written are those of `mark`.
    pub(crate) fn expect(&self, mark: Mark) {
        self.lock().marks.push(mark);
    }

    /// A write has returned.
    pub(crate) fn wrote(&self, at: Instant) {
        self.lock().last_write = Some(at);
    }

    /// Everything handed over so far has been written.
    pub(crate) fn flushed(&self) {
        let mut state = self.lock();
        let Some(written) = state.last_write else { return };
        if state.marks.iter().any(|mark| matches!(mark.part, FramePart::First | FramePart::Whole)) {
            state.first_token = Some(written);
        }
        for mark in state.marks.drain(..) {
            if let Some((planned, lateness)) = mark.planned {
                lateness.record(mark.part, planned, written);
            }
        }
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    /// Ready once all marks are written: the instants of the first token's and of the last write.
    pub(crate) fn poll_written(&self, context: &Context<'_>) -> Poll<(Option<Instant>, Option<Instant>)> {
        let mut state = self.lock();
        if state.marks.is_empty() {
            return Poll::Ready((state.first_token, state.last_write));
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// A request has arrived.
    pub(crate) fn arrived(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Whether any request has arrived yet.
    pub(crate) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// The answer was given before the request was read to its end.
    pub(crate) fn leave_unread(&self) {
        self.unread.store(true, Ordering::Relaxed);
    }

    /// Whether the client may still be sending a request that was answered.
    pub(crate) fn is_unread(&self) -> bool {
        self.unread.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
