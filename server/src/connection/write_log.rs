//! The times of a connection's writes.
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

use super::unread_body::UnreadBody;
use crate::telemetry::{FramePart, Lateness, LimitWaits};

/// One frame that is to be written.
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
    state: Mutex<WriteState>,
    has_request: AtomicBool,
    unread: AtomicBool,
    /// Of the current request.
    waits: Arc<LimitWaits>,
    /// Whether the connection ends by a reset.
    reset: AtomicBool,
    /// Whether the current request gets no answer.
    unanswered: AtomicBool,
}

#[derive(Debug, Default)]
struct WriteState {
    marks: Vec<Mark>,
    last_write: Option<Instant>,
    first_token: Option<Instant>,
    waker: Option<Waker>,
    /// The body of the current request, if it was answered before it was read to its end.
    unread: Option<UnreadBody>,
}

impl WriteLog {
    /// Starts a new answer, and clears the state of the previous one.
    pub(crate) fn begin(&self) {
        let mut state = self.lock();
        state.marks.clear();
        state.first_token = None;
        state.waker = None;
    }

    /// Announces that the next written bytes are those of `mark`.
    pub(crate) fn expect(&self, mark: Mark) {
        self.lock().marks.push(mark);
    }

    /// Records that a write has returned.
    pub(crate) fn wrote(&self, at: Instant) {
        self.lock().last_write = Some(at);
    }

    /// Records that everything so far has been written.
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

    /// Waits until all marks are written; returns the instants of the first token's and of the last write.
    pub(crate) fn poll_written(&self, context: &Context<'_>) -> Poll<(Option<Instant>, Option<Instant>)> {
        let mut state = self.lock();
        if state.marks.is_empty() {
            return Poll::Ready((state.first_token, state.last_write));
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// Returns how long the current request has waited for limits.
    pub(crate) const fn waits(&self) -> &Arc<LimitWaits> {
        &self.waits
    }

    /// Records that a request has arrived.
    pub(crate) fn arrived(&self) {
        self.has_request.store(true, Ordering::Relaxed);
    }

    /// Whether any request has arrived yet.
    pub(crate) fn has_request(&self) -> bool {
        self.has_request.load(Ordering::Relaxed)
    }

    /// Records that the request was answered before it was read to its end.
    pub(crate) fn leave_unread(&self) {
        self.unread.store(true, Ordering::Relaxed);
    }

    /// Keeps a body that was not read to its end.
    pub(super) fn keep_unread(&self, body: UnreadBody) {
        self.lock().unread = Some(body);
    }

    /// Returns the body of the current request if it was not read to its end.
    pub(crate) fn take_unread(&self) -> Option<UnreadBody> {
        self.lock().unread.take()
    }

    /// Whether the client may still be sending a request that was answered.
    pub(crate) fn is_unread(&self) -> bool {
        self.unread.load(Ordering::Relaxed)
    }

    /// Makes the connection end by a reset (RST) instead of a regular end.
    pub(crate) fn reset_at_end(&self) {
        self.reset.store(true, Ordering::Relaxed);
    }

    /// Whether the connection ends by a reset.
    pub(super) fn is_reset_at_end(&self) -> bool {
        self.reset.load(Ordering::Relaxed)
    }

    /// Makes the connection end in place of the answer to the current request.
    pub(crate) fn end_without_answer(&self) {
        self.unanswered.store(true, Ordering::Relaxed);
    }

    /// Whether the connection ends in place of the answer to the current request.
    pub(crate) fn ends_without_answer(&self) -> bool {
        self.unanswered.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, WriteState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
