//! The identity of a virtual user.

use std::cell::RefCell;

use crate::task::Variables;

/// A user as its requests and their templates see it.
#[derive(Debug)]
pub(crate) struct VirtualUser {
    /// From 0, over all workers.
    pub(super) number: u64,
    /// Values captured from its answers.
    pub(super) variables: RefCell<Variables>,
}

impl VirtualUser {
    pub(crate) fn new(number: u64) -> Self {
        Self { number, variables: RefCell::default() }
    }
}
