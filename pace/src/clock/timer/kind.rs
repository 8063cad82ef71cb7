//! Kinds of timers.

use std::fmt;

/// The precision of a [`Clock`](crate::Clock).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum TimerKind {
    /// Linux: tens of microseconds late.
    Precise,
    /// Other systems: tokio's timer, set early by its known bias: 0.3 ms early or late in the median, at most 1 ms early.
    Coarse,
    /// In [`simulate`](crate::simulate): exact, in simulated time.
    Simulated,
}

impl fmt::Display for TimerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Precise => "precise (timerfd, tens of microseconds)",
            Self::Coarse => "coarse (tokio's timer, about a millisecond)",
            Self::Simulated => "simulated",
        })
    }
}
