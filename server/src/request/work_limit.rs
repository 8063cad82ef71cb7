//! What a request may cost on the event loop.

use std::cell::Cell;

use super::{Problem, ProblemKind};

/// The most work of one answer on the event loop, in units of some nanoseconds: about a millisecond.
const EVENT_LOOP_WORK: u64 = 50_000;
/// An answer of at most this size is not counted against the memory of answers in flight.
const SMALL_ANSWER: u64 = 64 << 10;

/// What the current attempt to read a request may cost. A request that costs more is read again elsewhere, so nothing may
/// be changed before [`check`](Self::check).
#[derive(Debug)]
pub(crate) struct WorkLimit {
    work: u64,
    bytes: u64,
    exceeded: Cell<Option<u64>>,
}

impl WorkLimit {
    /// The limit of work on the event loop, for answers whose memory is not counted.
    pub(crate) const fn event_loop() -> Self {
        Self { work: EVENT_LOOP_WORK, bytes: SMALL_ANSWER, exceeded: Cell::new(None) }
    }

    /// Unlimited work, for an answer of at most `bytes` bytes, which are reserved.
    pub(crate) fn reserved(bytes: u64) -> Self {
        Self { work: u64::MAX, bytes: bytes.max(SMALL_ANSWER), exceeded: Cell::new(None) }
    }

    /// Unlimited work and memory.
    pub(crate) const fn none() -> Self {
        Self { work: u64::MAX, bytes: u64::MAX, exceeded: Cell::new(None) }
    }

    /// Fails if `work` units of work, or an answer of `bytes` bytes, exceed the limit.
    pub(crate) fn check(&self, work: u64, bytes: u64) -> Result<(), Problem> {
        if work <= self.work && bytes <= self.bytes {
            return Ok(());
        }
        self.exceeded.set(Some(bytes));
        Err(Self::postponed())
    }

    /// The bytes of an answer that exceeded the limit.
    pub(crate) const fn exceeded(&self) -> Option<u64> {
        self.exceeded.get()
    }

    /// The result of an attempt that does not count.
    pub(crate) fn postponed() -> Problem {
        Problem::new(ProblemKind::ServerError, "the work was not done".to_owned())
    }
}
