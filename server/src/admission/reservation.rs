//! The tokens that are reserved for one answer.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use weir_model::Schedule;
use weir_pace::Clock;

use super::{
    key::KeyState,
    limit::{LimitExceeded, RateView},
    tokens::{TokenCost, TokenEstimate},
};

/// The key of an admitted request, which reserves the tokens of its answers.
#[derive(Debug)]
pub struct AdmittedKey {
    state: Arc<KeyState>,
    estimate: TokenEstimate,
    clock: Clock,
    /// The states of its limits when it was admitted, and when tokens were reserved.
    view: Mutex<RateView>,
}

/// Reserved tokens. When this is dropped, they are replaced by those of the prompt and of the answer so far; by none if
/// the answer was never begun.
#[derive(Debug)]
pub struct Reservation {
    key: Arc<AdmittedKey>,
    taken: Instant,
    reserved: TokenCost,
    prompt_tokens: u64,
    generated: Generated,
}

/// The tokens of an answer so far.
#[derive(Clone, Copy, Debug)]
enum Generated {
    /// It was not begun.
    Nothing,
    /// This number.
    Counted(u64),
    /// `tokens` from `first` to `end`.
    Scheduled { first: Instant, end: Instant, tokens: u64 },
}

impl AdmittedKey {
    pub(super) const fn new(
        state: Arc<KeyState>,
        estimate: TokenEstimate,
        clock: Clock,
        view: RateView,
    ) -> Self {
        Self { state, estimate, clock, view: Mutex::new(view) }
    }

    /// The states of its limits.
    pub(crate) fn view(&self) -> RateView {
        *self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves the tokens of a prompt and of answers of at most `output` tokens, by the estimate of the provider.
    ///
    /// # Errors
    /// Fails if a limit is exceeded.
    pub fn reserve(
        self: &Arc<Self>,
        prompt_tokens: u32,
        output: Option<u64>,
    ) -> Result<Reservation, LimitExceeded> {
        self.reserve_estimated(self.estimate, prompt_tokens, output)
    }

    /// Reserves the tokens of a step's prompt and its answer.
    pub(crate) fn reserve_step(
        self: &Arc<Self>,
        prompt_tokens: u32,
        output: Option<u32>,
    ) -> Result<Reservation, LimitExceeded> {
        self.reserve_estimated(TokenEstimate::Sum, prompt_tokens, output.map(u64::from))
    }

    fn reserve_estimated(
        self: &Arc<Self>,
        estimate: TokenEstimate,
        prompt_tokens: u32,
        output: Option<u64>,
    ) -> Result<Reservation, LimitExceeded> {
        let (prompt_tokens, taken) = (u64::from(prompt_tokens), self.clock.now());
        let reserved = estimate.cost(prompt_tokens, output);
        let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        self.state
            .reserve(taken, reserved, &mut view)
            .inspect_err(|exceeded| self.state.counters.refused(exceeded.kind.into()))?;
        drop(view);
        let (key, generated) = (Arc::clone(self), Generated::Nothing);
        Ok(Reservation { key, taken, reserved, prompt_tokens, generated })
    }
}

impl Reservation {
    /// Adds `tokens` to the answer so far.
    pub(crate) const fn add(&mut self, tokens: u64) {
        self.generated = match self.generated {
            Generated::Counted(before) => Generated::Counted(before.saturating_add(tokens)),
            Generated::Nothing | Generated::Scheduled { .. } => Generated::Counted(tokens),
        };
    }

    /// The answer came to nothing.
    pub(crate) const fn cancel(&mut self) {
        self.generated = Generated::Nothing;
    }

    /// Sets the tokens of the prompt and of the whole answer.
    pub(crate) const fn complete(&mut self, prompt_tokens: u64, tokens: u64) {
        self.prompt_tokens = prompt_tokens;
        self.generated = Generated::Counted(tokens);
    }

    /// The answer has `tokens` tokens, which are evenly generated between the first and the last deadline of `schedule`. If
    /// these are not known yet, none is generated so far.
    pub fn follow(&mut self, schedule: &Schedule, tokens: u32) {
        self.generated = match (schedule.first(), schedule.end()) {
            (Some(first), Some(end)) => Generated::Scheduled { first, end, tokens: tokens.into() },
            _ => Generated::Counted(0),
        };
    }
}

impl Generated {
    /// The tokens at `now`; `None` if the answer was not begun.
    fn tokens(self, now: Instant) -> Option<u64> {
        match self {
            Self::Nothing => None,
            Self::Counted(tokens) => Some(tokens),
            Self::Scheduled { end, tokens, .. } if now >= end => Some(tokens),
            Self::Scheduled { first, .. } if now < first => Some(0),
            Self::Scheduled { first, end, tokens } => {
                let (passed, all) = ((now - first).as_secs_f64(), (end - first).as_secs_f64());
                // The first token is complete at `first`.
                Some(1 + (tokens.saturating_sub(1) as f64 * passed / all) as u64)
            }
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let Self { key, taken, reserved, prompt_tokens, generated } = self;
        let now = key.clock.now();
        let actual = match generated.tokens(now) {
            None => TokenCost::default(),
            Some(tokens) => TokenCost::actual(*prompt_tokens, tokens),
        };
        key.state.counters.tokens(actual.input, actual.output);
        key.state.settle(now, *taken, *reserved, actual);
    }
}
