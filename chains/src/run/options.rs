//! How a run is executed.

use std::{num::NonZeroUsize, time::Duration};

use weir_pace::Seed;

use crate::llm::TokenEvents;

/// How a run is executed.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// What may run at the same time.
    pub mode: Mode,
    /// How long the run may take, whatever the plan says. `None`: the plan's own timeout, if it has one.
    pub timeout: Option<Duration>,
    /// Stretches or shrinks what `tool` steps take; `llm` steps are scaled by their engine, timeouts not.
    pub time_scale: TimeScale,
    /// Where the run's random figures come from.
    pub seed: Seed,
    /// Whether the tokens of steps that stream are wanted as events.
    pub tokens: TokenEvents,
}

/// Which steps may run at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One after the other, in the order of the plan.
    Sequential,
    /// Each as soon as all that it needs has ended.
    Parallel {
        /// Steps at once, in this run: one that is nested in it has as many of its own; more wait in the order in which they became ready. `None`: no limit.
        at_once: Option<NonZeroUsize>,
    },
}

/// What simulated delays are multiplied by: a number from 0 to [`TimeScale::MAX`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeScale(f64);

/// Not a number to multiply delays by.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("time scale {scale}: a number from 0 to {} is needed", TimeScale::MAX)]
pub struct TimeScaleError {
    /// What was given.
    pub scale: f64,
}

impl TimeScale {
    /// Delays as they are.
    pub const REAL: Self = Self(1.0);
    /// The largest scale.
    pub const MAX: f64 = 1_000_000.0;

    /// The number.
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
