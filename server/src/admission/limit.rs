//! One limit of a key, and the states of all of them.

use std::time::{Duration, Instant};

use super::{
    algorithm::{Algorithm, LimitView},
    bucket::Bucket,
    fixed_window::FixedWindow,
    sliding_window::SlidingWindow,
};
use crate::{
    config::{Limit, LimitAlgorithm},
    telemetry::KeyOutcome,
};

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// Requests.
    Requests,
    /// Tokens of prompts and answers.
    Tokens,
    /// Tokens of prompts.
    InputTokens,
    /// Tokens of answers.
    OutputTokens,
}

impl From<LimitKind> for KeyOutcome {
    fn from(kind: LimitKind) -> Self {
        match kind {
            LimitKind::Requests => Self::Requests,
            LimitKind::Tokens | LimitKind::InputTokens | LimitKind::OutputTokens => Self::Tokens,
        }
    }
}

/// The states of a key's limits, for response headers; of several limits of one kind, that of the one with the fewest
/// units left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateView {
    /// Of requests.
    pub requests: Option<LimitView>,
    /// Of tokens.
    pub tokens: Option<LimitView>,
    /// Of tokens of prompts.
    pub input_tokens: Option<LimitView>,
    /// Of tokens of answers.
    pub output_tokens: Option<LimitView>,
}

/// Why a request exceeds a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitExceeded {
    /// What the limit counts.
    pub kind: LimitKind,
    /// The amount of the limit.
    pub limit: u64,
    /// Its period.
    pub period: Duration,
    /// Units that are in use.
    pub used: u64,
    /// Units that the request needs.
    pub requested: u64,
    /// When that many are left; `None` if the limit is less.
    pub retry_after: Option<Duration>,
}

/// A limit that a request exceeds, and the states of all limits of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateExceeded {
    /// The states.
    pub view: RateView,
    /// The limit.
    pub exceeded: LimitExceeded,
}

/// A limit and its usage.
#[derive(Debug)]
pub(super) struct Meter {
    pub(super) kind: LimitKind,
    limit: Limit,
    usage: Box<dyn Algorithm>,
}

impl RateView {
    /// The state of a limit of `kind`, if there is one.
    pub(super) const fn of(&mut self, kind: LimitKind) -> &mut Option<LimitView> {
        match kind {
            LimitKind::Requests => &mut self.requests,
            LimitKind::Tokens => &mut self.tokens,
            LimitKind::InputTokens => &mut self.input_tokens,
            LimitKind::OutputTokens => &mut self.output_tokens,
        }
    }

    /// Adds the state of a further limit of `kind`.
    pub(super) fn add(&mut self, kind: LimitKind, view: LimitView) {
        let known = self.of(kind);
        if known.is_none_or(|known| (view.remaining, known.reset) < (known.remaining, view.reset)) {
            *known = Some(view);
        }
    }

    /// The state of the limit of all tokens, or of the sum of those of prompts and answers.
    pub fn all_tokens(&self) -> Option<LimitView> {
        let sum = || match (self.input_tokens, self.output_tokens) {
            (Some(input), Some(output)) => Some(LimitView {
                limit: input.limit.saturating_add(output.limit),
                remaining: input.remaining.saturating_add(output.remaining),
                reset: input.reset.max(output.reset),
            }),
            (one, other) => one.or(other),
        };
        self.tokens.or_else(sum)
    }
}

impl Meter {
    pub(super) fn new(kind: LimitKind, limit: Limit) -> Self {
        let usage: Box<dyn Algorithm> = match limit.algorithm {
            LimitAlgorithm::Bucket => Box::new(Bucket::new(limit)),
            LimitAlgorithm::FixedWindow => Box::new(FixedWindow::new(limit.amount, limit.period)),
            LimitAlgorithm::SlidingWindow => Box::new(SlidingWindow::new(limit)),
        };
        Self { kind, limit, usage }
    }

    /// Fails if `units` are not left.
    pub(super) fn check(&mut self, now: Instant, units: u64) -> Result<(), LimitExceeded> {
        let retry_after = match units <= self.limit.amount.get() {
            true => match self.usage.wait(now, units) {
                Duration::ZERO => return Ok(()),
                wait => Some(wait),
            },
            false => None,
        };
        let view = self.usage.view(now);
        Err(LimitExceeded::new(self.kind, self.limit, view, units, retry_after))
    }

    pub(super) fn take(&mut self, now: Instant, units: u64) {
        self.usage.take(now, units);
    }

    pub(super) fn settle(&mut self, now: Instant, taken: Instant, reserved: u64, actual: u64) {
        self.usage.settle(now, taken, reserved, actual);
    }

    pub(super) fn view(&mut self, now: Instant) -> LimitView {
        self.usage.view(now)
    }
}

impl LimitExceeded {
    pub(super) const fn new(
        kind: LimitKind,
        limit: Limit,
        view: LimitView,
        requested: u64,
        retry_after: Option<Duration>,
    ) -> Self {
        let used = view.limit.saturating_sub(view.remaining);
        Self { kind, limit: view.limit, period: limit.period, used, requested, retry_after }
    }

    /// Whether a client that is refused for this reason has to wait longer than for `other`.
    pub(super) fn is_longer(&self, other: &Self) -> bool {
        match (self.retry_after, other.retry_after) {
            (None, _) => other.retry_after.is_some(),
            (Some(_), None) => false,
            (Some(wait), Some(other)) => wait > other,
        }
    }
}

/// Takes units of all limits, or of none; fails with the limit that has to be waited for longest.
pub(super) fn take_all(
    meters: &mut [Meter],
    now: Instant,
    units: impl Fn(LimitKind) -> u64,
) -> Result<(), LimitExceeded> {
    let mut longest: Option<LimitExceeded> = None;
    for meter in &mut *meters {
        if let Err(exceeded) = meter.check(now, units(meter.kind))
            && longest.is_none_or(|longest| exceeded.is_longer(&longest))
        {
            longest = Some(exceeded);
        }
    }
    match longest {
        Some(exceeded) => Err(exceeded),
        None => {
            meters.iter_mut().for_each(|meter| meter.take(now, units(meter.kind)));
            Ok(())
        }
    }
}
