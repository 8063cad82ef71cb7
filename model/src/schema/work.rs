//! The work that may be spent on one value.

use std::cell::Cell;

/// Units for one value: some tens of milliseconds.
const UNITS_MAX: u64 = 4_000_000;
/// Bytes of text that are compared or written for one unit.
const BYTES_PER_UNIT: usize = 64;

/// The work that may still be spent on one value, in units: a unit is a node that is checked, or two values that are
/// compared.
#[derive(Debug)]
pub(super) struct Work {
    left: Cell<u64>,
}

impl Work {
    pub(super) const fn new() -> Self {
        Self { left: Cell::new(UNITS_MAX) }
    }

    /// Takes `units`, or all that are left.
    pub(super) fn spend(&self, units: usize) {
        self.left.set(self.left.get().saturating_sub(units as u64));
    }

    /// Takes the units of `bytes` of text.
    pub(super) fn spend_on_text(&self, bytes: usize) {
        self.spend(1 + bytes / BYTES_PER_UNIT);
    }

    pub(super) const fn is_used_up(&self) -> bool {
        self.left.get() == 0
    }

    /// The units that were taken.
    pub(super) const fn spent(&self) -> u64 {
        UNITS_MAX - self.left.get()
    }
}
