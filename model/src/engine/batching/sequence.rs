//! The calls of a batching engine.

use std::{task::Waker, time::Instant};

use crate::engine::prefix::BlockKey;

/// The order of calls: the lowest is scheduled first and preempted last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// Zero, if the policy is first come, first served.
    pub(super) priority: i32,
    /// The number of calls before it.
    pub(super) number: u64,
}

/// The index of a sequence in [`Sequences`].
pub(super) type SequenceId = u32;

/// Where a sequence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It joins the queue of a replica at this instant: after a delay, or after the transfer of its blocks.
    Arriving(Instant),
    /// In the queue of this replica.
    Queued(usize),
    /// In the steps of this replica.
    Running(usize),
    /// Completed at this instant.
    Ended(Instant),
    /// Dropped before its end.
    Cancelled,
}

/// A call.
#[derive(Debug)]
pub(super) struct Sequence {
    pub(super) rank: Rank,
    pub(super) prompt_tokens: u32,
    /// The number of steps that yield tokens.
    pub(super) steps: u32,
    /// The tokens that each of them yields: one for each choice.
    pub(super) width: u32,
    /// The keys of the full blocks of its prompt.
    pub(super) keys: Box<[BlockKey]>,
    pub(super) phase: Phase,
    pub(super) arrived: Instant,
    /// When it was first scheduled.
    pub(super) scheduled: Option<Instant>,
    /// When its first token was produced.
    pub(super) first: Option<Instant>,
    /// When its last token so far was produced.
    pub(super) last: Instant,
    /// When the earliest token was produced that its reader has not read.
    pub(super) unread_since: Option<Instant>,
    /// The steps that have yielded tokens.
    pub(super) produced: u32,
    /// The tokens whose KV entries are computed.
    pub(super) computed: u32,
    /// The tokens that the step in progress computes.
    pub(super) in_step: u32,
    /// Tokens whose KV entries another replica has computed.
    pub(super) transferred: u32,
    pub(super) blocks: Vec<u32>,
    /// The reader that waits while it is queued.
    pub(super) waker: Option<Waker>,
    /// Handles whose drop cancels it, and all handles.
    pub(super) owners: u32,
    pub(super) handles: u32,
}

impl Sequence {
    /// The tokens of its prompt and its answer so far.
    pub(super) const fn tokens(&self) -> u32 {
        self.prompt_tokens.saturating_add(self.produced.saturating_mul(self.width))
    }

    /// Whether the next step yields tokens from one computed token of each choice.
    pub(super) const fn is_decoding(&self) -> bool {
        self.produced > 0 && self.tokens() - self.computed <= self.width
    }
}

/// All calls that have handles.
#[derive(Debug, Default)]
pub(super) struct Sequences {
    slots: Vec<Option<Sequence>>,
    free: Vec<SequenceId>,
}

impl Sequences {
    pub(super) fn insert(&mut self, sequence: Sequence) -> SequenceId {
        if let Some(id) = self.free.pop()
            && let Some(slot) = self.slots.get_mut(id as usize)
        {
            *slot = Some(sequence);
            return id;
        }
        self.slots.push(Some(sequence));
        self.slots.len() as SequenceId - 1
    }

    pub(super) fn remove(&mut self, id: SequenceId) -> Option<Sequence> {
        let removed = self.slots.get_mut(id as usize).and_then(Option::take);
        if removed.is_some() {
            self.free.push(id);
        }
        removed
    }

    #[expect(
        clippy::expect_used,
        reason = "a sequence is removed with its last handle, after it has left its replica"
    )]
    pub(super) fn get(&self, id: SequenceId) -> &Sequence {
        self.slots.get(id as usize).and_then(Option::as_ref).expect("the sequence has a handle")
    }

    #[expect(
        clippy::expect_used,
        reason = "a sequence is removed with its last handle, after it has left its replica"
    )]
    pub(super) fn get_mut(&mut self, id: SequenceId) -> &mut Sequence {
        self.slots.get_mut(id as usize).and_then(Option::as_mut).expect("the sequence has a handle")
    }

    /// The number of sequences.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}
