//! The progress of a run.

use std::fmt;

use weir_results::{Second, Summary};

/// The run so far, after one more complete second.
#[derive(Copy, Clone)]
pub struct RunProgress<'a> {
    second: &'a Second,
    summarise: &'a dyn Fn() -> Summary,
}

impl<'a> RunProgress<'a> {
    pub(crate) fn new(second: &'a Second, summarise: &'a dyn Fn() -> Summary) -> Self {
        Self { second, summarise }
    }

    /// The second that is complete now.
    #[must_use]
    pub fn second(&self) -> &'a Second {
        self.second
    }

    /// Computes the summary of the run up to and including the second.
    #[must_use]
    pub fn summary(&self) -> Summary {
        (self.summarise)()
    }
}

impl fmt::Debug for RunProgress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunProgress").field("second", &self.second).finish_non_exhaustive()
    }
}
