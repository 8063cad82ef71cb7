//! An answer that can be asked for once more.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use weir_model::{Content, Lease, Schedule};

use super::{
    answer::{Head, Status},
    talk::Talk,
};

/// An answer that can be asked for once more: while it is given and after it.
#[derive(Debug)]
pub(in crate::api::openai) struct Kept {
    pub(super) head: Arc<Head>,
    pub(super) content: Content,
    pub(super) schedule: Schedule,
    pub(super) ground: Ground,
    /// The input as it was sent, in JSON.
    pub(super) input: Box<str>,
    /// All that was said up to its end.
    pub(super) talk: Talk<'static>,
    is_cancelled: AtomicBool,
}

/// Whether an answer goes on when nobody waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    Fore,
    Back,
}

impl Kept {
    pub(super) fn new(
        head: Arc<Head>,
        lease: &Lease,
        ground: Ground,
        input: Box<str>,
        talk: Talk<'static>,
    ) -> Self {
        let (content, schedule) = (lease.content.clone(), lease.schedule.clone());
        Self { head, content, schedule, ground, input, talk, is_cancelled: AtomicBool::new(false) }
    }

    /// How far the answer has come by `now`: its end is known from the beginning.
    pub(super) fn status(&self, now: Instant) -> Status {
        if self.is_cancelled.load(Ordering::Relaxed) {
            Status::Cancelled
        } else if now < self.schedule.end() {
            Status::InProgress
        } else {
            Status::Ended(self.content.finish())
        }
    }

    /// Ends it before its time. One that has ended stays as it is.
    pub(super) fn cancel(&self, now: Instant) {
        if now < self.schedule.end() {
            self.is_cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// What delivers it once more.
    pub(super) fn lease(&self) -> Lease {
        Lease { content: self.content.clone(), schedule: self.schedule.clone() }
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        /// When a token is due.
        const DUE_BYTES: usize = 4;
        size_of::<Self>()
            + size_of::<Head>()
            + self.head.echo.len()
            + self.input.len()
            + self.talk.bytes()
            + DUE_BYTES * self.content.step_count() as usize
            + self.content.bytes()
    }
}
