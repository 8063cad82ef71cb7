//! A run that goes on, as those who watch it see it.

use std::fmt;

use weir_results::{Second, Summary};

/// The run so far, when one more second of it is complete.
#[derive(Copy, Clone)]
pub struct SoFar<'a> {
    second: &'a Second,
    summarise: &'a dyn Fn() -> Summary,
}

impl<'a> SoFar<'a> {
    pub(super) fn new(second: &'a Second, summarise: &'a dyn Fn() -> Summary) -> Self {
        Self { second, summarise }
    }

    /// The second that became complete.
    #[must_use]
    pub fn second(&self) -> &'a Second {
        self.second
    }

    /// The figures so far, those of the second included; made when asked for.
    #[must_use]
    pub fn summary(&self) -> Summary {
        (self.summarise)()
    }
}

impl fmt::Debug for SoFar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoFar").field("second", &self.second).finish_non_exhaustive()
    }
}
