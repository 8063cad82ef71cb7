use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use super::error::{Phase, RequestError};

/// Sleeps for the client, so that all waiting of a program goes through one clock. Implemented by every cloneable
/// `Fn(Instant) -> impl Future`.
pub trait Timer: Clone + Send {
    /// Resolves at the requested instant or soon after it.
    type Sleep: Future<Output = ()> + Unpin + Send;

    /// Returns a future that resolves at `at`.
    fn sleep_until(&self, at: Instant) -> Self::Sleep;
}

impl<F, S> Timer for F
where
    F: Fn(Instant) -> S + Clone + Send,
    S: Future<Output = ()> + Unpin + Send,
{
    type Sleep = S;

    fn sleep_until(&self, at: Instant) -> S {
        self(at)
    }
}

/// The instant at which a phase times out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    at: Instant,
    phase: Phase,
    after: Duration,
    /// The informational responses that came before it.
    informational: u64,
}

impl Deadline {
    /// The deadline `after` past `start`. `None` if an `Instant` cannot represent it.
    pub(super) fn new(phase: Phase, start: Instant, after: Duration) -> Option<Self> {
        Some(Self { at: start.checked_add(after)?, phase, after, informational: 0 })
    }

    /// Returns the earlier deadline.
    pub(super) fn earlier(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        [one, other].into_iter().flatten().min_by_key(|deadline| deadline.at)
    }

    pub(super) fn has_passed(self, now: Instant) -> bool {
        now >= self.at
    }

    /// The error of a passed deadline.
    pub(super) fn error(self) -> RequestError {
        RequestError::Timeout { phase: self.phase, after: self.after, informational: self.informational }
    }

    /// The same instant for another phase.
    pub(super) fn in_phase(self, phase: Phase) -> Self {
        Self { phase, ..self }
    }

    /// The same instant, with the number of informational responses so far.
    pub(super) fn with_informational(self, informational: u64) -> Self {
        Self { informational, ..self }
    }

    pub(super) fn phase(self) -> Phase {
        self.phase
    }
}

/// Waits for the deadlines of one connection with few sleeps.
///
/// Deadlines usually move on (each read moves that of an idle stream) and rarely pass. So a started sleep is kept, and
/// the deadline is compared only when it ends: there is one sleep per timeout length rather than one per request and
/// read.
pub(super) struct DeadlineTimer<T: Timer> {
    timer: T,
    sleep: Option<(Instant, T::Sleep)>,
}

impl<T: Timer> DeadlineTimer<T> {
    pub(super) const fn new(timer: T) -> Self {
        Self { timer, sleep: None }
    }

    /// Ready with the error once `deadline` has passed. Poll it only when nothing else is ready, so that a request that
    /// never waits starts no sleep.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, deadline: Option<Deadline>) -> Poll<RequestError> {
        let Some(deadline) = deadline else { return Poll::Pending };
        loop {
            match &mut self.sleep {
                Some((at, sleep)) if *at <= deadline.at => {
                    ready!(Pin::new(sleep).poll(cx));
                    let has_passed = *at == deadline.at;
                    self.sleep = None;
                    if has_passed {
                        return Poll::Ready(deadline.error());
                    }
                }
                _ => self.sleep = Some((deadline.at, self.timer.sleep_until(deadline.at))),
            }
        }
    }

    /// Runs `future` until it completes or the deadline passes.
    pub(super) async fn run_until<F: Future>(
        &mut self,
        deadline: Option<Deadline>,
        future: F,
    ) -> Result<F::Output, RequestError> {
        let mut future = pin!(future);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => self.poll(cx, deadline).map(Err),
        })
        .await
    }
}
