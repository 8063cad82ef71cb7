//! What an algorithm that counts the units of a limit does.

use std::{
    fmt,
    time::{Duration, Instant},
};

/// The state of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitView {
    /// Its amount.
    pub limit: u64,
    /// Units left now.
    pub remaining: u64,
    /// Time until all units are left again, if none is taken before.
    pub reset: Duration,
}

/// Counts the units of a limit. Instants may be slightly out of order.
pub(super) trait Algorithm: fmt::Debug + Send {
    /// The time until `units` are left, zero if they are left now. `units` are at most the amount of the limit.
    fn wait(&mut self, now: Instant, units: u64) -> Duration;

    /// Takes `units`.
    fn take(&mut self, now: Instant, units: u64);

    /// Replaces `reserved` units, which were taken at `taken`, by `actual` ones.
    fn settle(&mut self, now: Instant, taken: Instant, reserved: u64, actual: u64);

    /// The state of the limit.
    fn view(&mut self, now: Instant) -> LimitView;
}
