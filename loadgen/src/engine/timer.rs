//! The client waits through the worker's clock.

use std::time::Instant;

use weir_pace::{Clock, Sleep};
use weir_wire::Timer;

/// A worker's clock as its client sees it.
#[derive(Clone)]
pub(crate) struct ClockTimer(pub(crate) Clock);

impl Timer for ClockTimer {
    type Sleep = Sleep;

    fn sleep_until(&self, at: Instant) -> Sleep {
        self.0.sleep_until(at)
    }
}
