//! When a step starts, how often it is done, and what its failure means.

use std::{num::NonZeroUsize, time::Duration};

use super::expression::{Condition, ListExpression};
pub(crate) use crate::spec::{Join, OnError};

/// When a step starts, how often it is done, and what its failure means.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) join: Join,
    pub(crate) when: Option<Condition>,
    pub(crate) fan: Option<Fan>,
    pub(crate) retry: Retry,
    /// Of each attempt.
    pub(crate) timeout: Option<Duration>,
    pub(crate) on_error: OnError,
    /// The place of the step that is done when this one fails.
    pub(crate) fallback: Option<usize>,
    /// The place of the step for whose failure this one is there.
    pub(crate) stands_in_for: Option<usize>,
}

/// A step that is done once for each entry of a list.
#[derive(Debug)]
pub(crate) struct Fan {
    pub(crate) over: ListExpression,
    /// Entries at work at the same time.
    pub(crate) at_once: Option<NonZeroUsize>,
    /// A longer list is an error.
    pub(crate) at_most: usize,
}

/// How often a failed attempt is made again, and after what pause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Retry {
    /// Attempts after the first.
    pub(crate) times: u32,
    /// Before the second attempt.
    pub(crate) backoff: Duration,
    /// By which each further pause is longer.
    pub(crate) factor: f64,
    /// The share of a pause that is left to chance, so that those who failed together do not come back together.
    pub(crate) jitter: f64,
    /// The longest pause.
    pub(crate) at_most: Duration,
}

impl Retry {
    pub(crate) const NEVER: Self = Self {
        times: 0,
        backoff: Duration::from_millis(100),
        factor: 2.0,
        jitter: 0.5,
        at_most: Duration::from_secs(30),
    };

    /// The pause after the failure of attempt number `attempt`, counted from 1; `chance` from 0 to 1 shortens it within
    /// the jitter.
    pub(crate) fn pause(&self, attempt: u32, chance: f64) -> Duration {
        let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
        let full_s = self.backoff.as_secs_f64() * self.factor.powi(exponent);
        Duration::from_secs_f64(full_s.min(self.at_most.as_secs_f64()) * (1.0 - self.jitter * chance))
    }
}
