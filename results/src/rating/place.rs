//! Where a measured figure lies on its scale.

use crate::band::{Band, Grade};
use crate::summary::Summary;
use crate::threshold::Bound;
use crate::units::Unit;

/// A figure on its scale.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Placed {
    pub(super) value: f64,
    pub(super) unit: Unit,
    pub(super) grade: Grade,
    /// The bound of the next better grade.
    pub(super) better_from: Option<(Grade, Bound)>,
}

impl Band {
    /// Where a run lies; `None` where its figure was not measured.
    pub(super) fn place(&self, summary: &Summary) -> Option<Placed> {
        let unit = self.bounds.first().map(|bound| self.subject().unit(*bound))?;
        let value = self.subject().value(summary, unit).ok()?;
        let beyond = self.bounds.iter().filter(|bound| !self.is_within(value, **bound)).count();
        let grade = Grade::of(self.bounds.len(), beyond)?;
        let better_from = beyond
            .checked_sub(1)
            .and_then(|better| Some((Grade::of(self.bounds.len(), better)?, *self.bounds.get(better)?)));
        Some(Placed { value, unit, grade, better_from })
    }
}
