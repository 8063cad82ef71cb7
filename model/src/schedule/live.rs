//! Schedules that an engine decides while the answer is generated.

use std::{
    fmt,
    task::Waker,
    time::{Duration, Instant},
};

use super::Due;

/// The handle of a call whose times are decided step by step. Dropping the last one of those that [`share`](Self::share) it
/// cancels the call.
pub trait LiveTimes: fmt::Debug + Send + Sync {
    /// Returns the state at `now`, after all that has happened until then. With a waker, the tokens so far count as read.
    fn read(&self, now: Instant, waker: Option<&Waker>) -> LiveState;
    /// Returns another handle of the call.
    fn share(&self) -> Box<dyn LiveTimes>;
    /// Returns a handle whose drop does not cancel the call, and that does not count as its reader.
    fn observe(&self) -> Box<dyn LiveTimes>;
}

/// The state of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveState {
    /// The steps that have yielded tokens.
    pub produced: u32,
    /// When the earliest token was produced that had not been read.
    pub unread_since: Instant,
    /// The time in the queue so far.
    pub queued: Duration,
    /// When the first token was produced.
    pub first: Option<Instant>,
    /// The time from the queue to the first token.
    pub prefill: Option<Duration>,
    /// What follows.
    pub next: LiveNext,
}

/// What follows in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveNext {
    /// More may be known at this instant.
    AskAt(Instant),
    /// More may be known when the waker is called.
    AskWhenWoken,
    /// Nothing: it was complete at this instant.
    Ended(Instant),
    /// Nothing: it was dropped.
    Cancelled,
}

/// The schedule of a call whose times are decided step by step.
#[derive(Debug)]
pub struct LiveSchedule {
    times: Box<dyn LiveTimes>,
    /// What was read last.
    state: LiveState,
}

impl LiveSchedule {
    /// The schedule of a call that was admitted at `start`.
    pub fn new(times: Box<dyn LiveTimes>, start: Instant) -> Self {
        let state = LiveState {
            produced: 0,
            unread_since: start,
            queued: Duration::ZERO,
            first: None,
            prefill: None,
            next: LiveNext::AskAt(start),
        };
        Self { times, state }
    }

    pub(super) fn poll_token(&mut self, index: u32, now: Instant, waker: &Waker) -> Due {
        self.poll(now, waker, |state| state.produced > index)
    }

    pub(super) fn poll_end(&mut self, now: Instant, waker: &Waker) -> Due {
        self.poll(now, waker, |_| false)
    }

    /// What was read last.
    pub(super) const fn state(&self) -> &LiveState {
        &self.state
    }

    /// The state at `now`; does not count as reading.
    pub(super) fn look(&self, now: Instant) -> LiveState {
        if self.is_over() { self.state } else { self.times.read(now, None) }
    }

    pub(super) fn observer(&self) -> Self {
        Self { times: self.times.observe(), state: self.state }
    }

    fn poll(&mut self, now: Instant, waker: &Waker, is_produced: impl Fn(&LiveState) -> bool) -> Due {
        if !is_produced(&self.state) && !self.is_over() {
            self.state = self.times.read(now, Some(waker));
        }
        let LiveState { next, unread_since, .. } = self.state;
        match next {
            _ if is_produced(&self.state) => Due::At(unread_since),
            LiveNext::AskAt(at) => Due::AskAt(at),
            LiveNext::AskWhenWoken => Due::AskWhenWoken,
            LiveNext::Ended(at) => Due::At(at),
            // Nobody waits for it.
            LiveNext::Cancelled => Due::At(now),
        }
    }

    const fn is_over(&self) -> bool {
        matches!(self.state.next, LiveNext::Ended(_) | LiveNext::Cancelled)
    }
}

impl Clone for LiveSchedule {
    /// Another owner of the call.
    fn clone(&self) -> Self {
        Self { times: self.times.share(), state: self.state }
    }
}
