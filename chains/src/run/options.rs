//! Options of a run.

use std::{num::NonZeroUsize, time::Duration};

use weir_pace::Seed;

use crate::llm::TokenEvents;

/// Options of a run.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// Which steps may run at the same time.
    pub mode: ExecutionMode,
    /// Overrides the timeout of the plan. `None`: the plan's timeout, if it has one.
    pub timeout: Option<Duration>,
    /// Scales the latency of `tool` steps; `llm` steps are scaled by their engine, timeouts are not scaled.
    pub time_scale: TimeScale,
    /// The seed of all random values of the run.
    pub seed: Seed,
    /// Whether the tokens of streaming steps are emitted as events.
    pub tokens: TokenEvents,
}

/// Which steps may run at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionMode {
    /// One after the other, in plan order.
    Sequential,
    /// Each as soon as all that it needs has ended.
    Parallel {
        /// The largest number of concurrent steps of this run; a nested run has the same limit for its steps. Further
        /// steps wait in the order in which they became ready. `None`: no limit.
        at_once: Option<NonZeroUsize>,
    },
}

/// The factor of simulated delays: a number from 0 to [`TimeScale::MAX`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeScale(f64);

/// The number is not a valid time scale.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("invalid time scale {scale}: expected a number from 0 to {}", TimeScale::MAX)]
pub struct TimeScaleError {
    /// The number.
    pub scale: f64,
}

impl TimeScale {
    /// Unscaled delays.
    pub const REAL: Self = Self(1.0);
    /// The largest scale.
    pub const MAX: f64 = 1_000_000.0;

    /// Returns the factor.
    pub const fn factor(self) -> f64 {
        self.0
    }

    pub(super) fn apply(self, delay: Duration) -> Duration {
        if self == Self::REAL {
            return delay;
        }
        Duration::try_from_secs_f64(delay.as_secs_f64() * self.0).unwrap_or(Duration::MAX)
    }
}

impl TryFrom<f64> for TimeScale {
    type Error = TimeScaleError;

    fn try_from(scale: f64) -> Result<Self, TimeScaleError> {
        if (0.0..=Self::MAX).contains(&scale) { Ok(Self(scale)) } else { Err(TimeScaleError { scale }) }
    }
}
