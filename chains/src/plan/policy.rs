//! When a step starts, how often it is attempted, and what its failure means.

use std::{num::NonZeroUsize, time::Duration};

pub(crate) use crate::spec::{Join, OnError};
use crate::template::{Condition, ListExpression};

/// When a step starts, how often it is attempted, and what its failure means.
#[derive(Debug)]
pub(crate) struct StepPolicy {
    pub(crate) join: Join,
    pub(crate) when: Option<Condition>,
    pub(crate) fan_out: Option<FanOutPolicy>,
    pub(crate) retry: RetryPolicy,
    /// The timeout of each attempt.
    pub(crate) timeout: Option<Duration>,
    pub(crate) on_error: OnError,
    /// The index of the step that runs when this one fails.
    pub(crate) fallback: Option<usize>,
    /// The index of the step whose fallback this one is.
    pub(crate) fallback_for: Option<usize>,
}

/// A step that runs once for each entry of a list.
#[derive(Debug)]
pub(crate) struct FanOutPolicy {
    pub(crate) over: ListExpression,
    /// The number of entries that run concurrently; `None` for no limit.
    pub(crate) at_once: Option<NonZeroUsize>,
    /// The longest allowed list.
    pub(crate) at_most: usize,
}

/// How often and after what pause a failed attempt is retried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RetryPolicy {
    /// The number of retries, excluding the first attempt.
    pub(crate) times: u32,
    /// The pause before the first retry.
    pub(crate) backoff: Duration,
    /// The factor by which each further pause grows.
    pub(crate) factor: f64,
    /// The random share of a pause, from 0 to 1, so that steps that failed together do not retry together.
    pub(crate) jitter: f64,
    /// The longest pause.
    pub(crate) at_most: Duration,
}

impl RetryPolicy {
    pub(crate) const NEVER: Self = Self {
        times: 0,
        backoff: Duration::from_millis(100),
        factor: 2.0,
        jitter: 0.5,
        at_most: Duration::from_secs(30),
    };

    /// Returns the pause after attempt number `attempt`, counted from 1, has failed; `random`, from 0 to 1, shortens it
    /// within the jitter.
    pub(crate) fn pause(&self, attempt: u32, random: f64) -> Duration {
        let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
        let full_s = self.backoff.as_secs_f64() * self.factor.powi(exponent);
        Duration::from_secs_f64(full_s.min(self.at_most.as_secs_f64()) * (1.0 - self.jitter * random))
    }
}
