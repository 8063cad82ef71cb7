//! A stored answer.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use weir_model::{Content, Lease, Progress, Schedule};

use super::{
    answer::{Head, Status},
    conversation::Conversation,
};

/// A stored answer, which can be retrieved during and after its generation.
#[derive(Debug)]
pub(in crate::api::openai) struct StoredResponse {
    pub(super) head: Arc<Head>,
    pub(super) content: Content,
    /// Of a background answer, it owns the call.
    schedule: Mutex<Schedule>,
    pub(super) execution: Execution,
    /// The input in JSON, as it was sent.
    pub(super) input: Box<str>,
    /// The conversation including the answer.
    pub(super) conversation: Conversation<'static>,
    is_cancelled: AtomicBool,
}

/// Whether an answer continues without its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Execution {
    Foreground,
    Background,
}

impl StoredResponse {
    pub(super) fn new(
        head: Arc<Head>,
        lease: &Lease,
        execution: Execution,
        input: Box<str>,
        conversation: Conversation<'static>,
    ) -> Self {
        let content = lease.content.clone();
        // A background answer goes on without its client.
        let schedule = match execution {
            Execution::Foreground => lease.schedule.observer(),
            Execution::Background => lease.schedule.clone(),
        };
        Self {
            head,
            content,
            schedule: Mutex::new(schedule),
            execution,
            input,
            conversation,
            is_cancelled: AtomicBool::new(false),
        }
    }

    /// The status of the answer at `now`.
    pub(super) fn status(&self, now: Instant) -> Status {
        if self.is_cancelled.load(Ordering::Relaxed) {
            return Status::Cancelled;
        }
        match self.schedule().progress(now) {
            Progress::Running => Status::InProgress,
            Progress::Ended => Status::Ended(self.content.finish()),
            Progress::Cancelled => Status::Cancelled,
        }
    }

    /// Cancels the answer, unless it has ended.
    pub(super) fn cancel(&self, now: Instant) {
        let mut schedule = self.schedule();
        if schedule.progress(now) == Progress::Running {
            self.is_cancelled.store(true, Ordering::Relaxed);
            // The call ends with its owner.
            *schedule = schedule.observer();
        }
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a stream that repeats it.
    pub(super) fn lease(&self) -> Lease {
        Lease { content: self.content.clone(), schedule: self.schedule().observer(), cached_tokens: None }
    }

    /// Its approximate size in bytes.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>()
            + size_of::<Head>()
            + self.head.echo.len()
            + self.input.len()
            + self.conversation.bytes()
            + self.content.bytes()
    }
}
