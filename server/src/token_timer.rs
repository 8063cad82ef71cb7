//! Waits for the tokens of a schedule, whether their instants are planned or decided while the answer is generated.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
    time::Instant,
};

use weir_model::{Due, Schedule};
use weir_pace::{Clock, Sleep};

/// Waits for the tokens of a schedule. Dropping it cancels the call.
#[derive(Debug)]
pub struct TokenTimer {
    schedule: Schedule,
    clock: Clock,
    sleep: Sleep,
    wait: Wait,
}

/// What the next question waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// Nothing.
    None,
    /// The deadline of `sleep`.
    Sleep,
    /// That the task is woken.
    Waker,
}

impl TokenTimer {
    /// Waits for the tokens of `schedule`.
    pub fn new(schedule: Schedule, clock: &Clock) -> Self {
        let sleep = clock.sleep_until(clock.now());
        Self { schedule, clock: clock.clone(), sleep, wait: Wait::None }
    }

    /// The schedule.
    pub const fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// Waits until token `index` is due, and returns that instant.
    pub async fn token(&mut self, index: u32) -> Instant {
        poll_fn(|context| self.poll(context, |timer, now, waker| timer.due(index, now, waker))).await
    }

    /// Waits for the end of the answer, and returns that instant.
    pub async fn end(&mut self) -> Instant {
        let ask = |timer: &mut Self, now, waker: &Waker| {
            let due = timer.schedule.poll_end(now, waker);
            timer.wait_for(due, now)
        };
        poll_fn(|context| self.poll(context, ask)).await
    }

    /// Ready with the current instant when there is something to ask.
    pub(crate) fn poll_now(&mut self, context: &mut Context<'_>) -> Poll<Instant> {
        match self.wait {
            Wait::None | Wait::Waker => Poll::Ready(self.clock.now()),
            Wait::Sleep => {
                let deadline = self.sleep.deadline();
                ready!(Pin::new(&mut self.sleep).poll(context));
                // The timer may be early by its coalescing window: the awaited token counts as due.
                Poll::Ready(self.clock.now().max(deadline))
            }
        }
    }

    /// Returns when token `index` was due, if that is not after `now`; otherwise [`poll_now`](Self::poll_now) waits for it.
    pub(crate) fn due(&mut self, index: u32, now: Instant, waker: &Waker) -> Option<Instant> {
        let due = self.schedule.poll_token(index, now, waker);
        self.wait_for(due, now)
    }

    /// Continues at once, but not before other tasks have had their turn.
    pub(crate) fn yield_until(&mut self, now: Instant) {
        self.sleep.reset(now);
        self.wait = Wait::Sleep;
    }

    /// Whether the last question is to be asked again when the task is woken.
    pub(crate) fn is_waiting_for_waker(&self) -> bool {
        self.wait == Wait::Waker
    }

    fn wait_for(&mut self, due: Due, now: Instant) -> Option<Instant> {
        match due {
            Due::At(at) if at <= now => return Some(at),
            Due::At(at) | Due::AskAt(at) => {
                self.sleep.reset(at);
                self.wait = Wait::Sleep;
            }
            Due::AskWhenWoken => self.wait = Wait::Waker,
        }
        None
    }

    fn poll(
        &mut self,
        context: &mut Context<'_>,
        ask: impl Fn(&mut Self, Instant, &Waker) -> Option<Instant>,
    ) -> Poll<Instant> {
        loop {
            let now = ready!(self.poll_now(context));
            if let Some(due) = ask(self, now, context.waker()) {
                return Poll::Ready(due);
            }
            if self.is_waiting_for_waker() {
                return Poll::Pending;
            }
        }
    }
}
