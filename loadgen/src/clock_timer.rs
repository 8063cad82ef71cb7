//! A clock as the timer of a client.

use std::time::Instant;

use weir_pace::{Clock, Sleep};
use weir_wire::Timer;

/// A [`Clock`] as the [`Timer`] of a client.
#[derive(Clone)]
pub(crate) struct ClockTimer(pub(crate) Clock);

impl Timer for ClockTimer {
    type Sleep = Sleep;

    fn sleep_until(&self, at: Instant) -> Sleep {
        self.0.sleep_until(at)
    }
}
