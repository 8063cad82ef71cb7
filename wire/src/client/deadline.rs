use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use super::failure::{Failure, Phase};
use super::timer::Timer;

/// The instant at which a phase has lasted too long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    at: Instant,
    phase: Phase,
    after: Duration,
}

impl Deadline {
    /// `phase` may last for `after`, from `start` on. `None` when that lies beyond what an instant can hold.
    pub(super) fn of(phase: Phase, start: Instant, after: Duration) -> Option<Self> {
        Some(Self { at: start.checked_add(after)?, phase, after })
    }

    /// The one that comes first.
    pub(super) fn sooner(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        [one, other].into_iter().flatten().min_by_key(|deadline| deadline.at)
    }

    /// The failure that passing it is.
    pub(super) fn failure(self) -> Failure {
        Failure::Timeout { phase: self.phase, after: self.after }
    }

    /// The same instant, seen as the end of another phase.
    pub(super) fn in_phase(self, phase: Phase) -> Self {
        Self { phase, ..self }
    }

    pub(super) fn phase(self) -> Phase {
        self.phase
    }
}

/// Meets the deadlines of one connection with as few sleeps as can be.
///
/// Deadlines mostly move on (each read moves that of an idle stream) and are rarely met. So a sleep that was
/// begun is kept, and only when it ends is it looked at whether the deadline has moved: one sleep for each
/// timeout's length rather than one for each request and each read.
pub(super) struct Watch<T: Timer> {
    timer: T,
    sleep: Option<(Instant, T::Sleep)>,
}

impl<T: Timer> Watch<T> {
    pub(super) fn new(timer: T) -> Self {
        Self { timer, sleep: None }
    }

    /// Ready with the failure once `deadline` has passed. To be asked when there is nothing else to do, so that
    /// a request that never waits begins no sleep.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, deadline: Option<Deadline>) -> Poll<Failure> {
        let Some(deadline) = deadline else { return Poll::Pending };
        loop {
            match &mut self.sleep {
                Some((at, sleep)) if *at <= deadline.at => {
                    ready!(Pin::new(sleep).poll(cx));
                    let met = *at == deadline.at;
                    self.sleep = None;
                    if met {
                        return Poll::Ready(deadline.failure());
                    }
                }
                _ => self.sleep = Some((deadline.at, self.timer.sleep_until(deadline.at))),
            }
        }
    }

    /// Runs `work` until it ends or the deadline passes.
    pub(super) async fn limit<F: Future>(
        &mut self,
        deadline: Option<Deadline>,
        work: F,
    ) -> Result<F::Output, Failure> {
        let mut work = pin!(work);
        poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => self.poll(cx, deadline).map(Err),
        })
        .await
    }
}
