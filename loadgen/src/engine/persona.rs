//! Who asks: what templates know of a user.

use std::cell::RefCell;

use crate::task::Variables;

/// A user as its requests know it.
#[derive(Debug)]
pub(crate) struct Persona {
    /// From 0, over all workers.
    pub(super) number: u64,
    /// What it has captured from its answers.
    pub(super) variables: RefCell<Variables>,
}

impl Persona {
    /// Who has captured nothing yet.
    pub(crate) fn new(number: u64) -> Self {
        Self { number, variables: RefCell::default() }
    }
}
