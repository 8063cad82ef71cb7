//! A summary by its bands.

use crate::band::Grade;
use crate::summary::Summary;
use crate::units;
use crate::units::Unit;

/// What a run amounts to.
#[derive(Clone, Debug, PartialEq)]
pub struct Rating {
    /// The worst grade of its figures.
    pub overall: Grade,
    /// Each figure that was measured, in the order of the bands.
    pub figures: Vec<RatedFigure>,
}

/// One figure with its grade.
#[derive(Clone, Debug, PartialEq)]
pub struct RatedFigure {
    /// Its name, as thresholds have it: `e2e.p95`.
    pub figure: String,
    /// What was measured.
    pub value: f64,
    /// The unit of `value`.
    pub unit: Unit,
    /// The same for people: `612 ms`.
    pub measured: String,
    /// How good that is.
    pub grade: Grade,
    /// What the next better grade begins with, in words: `good from 500ms`; `None` for the best.
    pub next: Option<String>,
}

impl Rating {
    /// Each figure with its grade: `e2e.p95 664 ms (acceptable), errors 0.41 % (good)`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let figures = self.figures.iter();
        let figures = figures.map(|rated| format!("{} {} ({})", rated.figure, rated.measured, rated.grade));
        figures.collect::<Vec<_>>().join(", ")
    }
}

/// Rates a run by the bands that its summary carries; `None` where none of their figures was measured.
#[must_use]
pub fn rating(summary: &Summary) -> Option<Rating> {
    let figures: Vec<RatedFigure> = summary
        .bands
        .iter()
        .filter_map(|band| {
            let placed = band.place(summary)?;
            Some(RatedFigure {
                figure: band.subject().to_string(),
                value: placed.value,
                unit: placed.unit,
                measured: units::with_unit(placed.value, placed.unit),
                grade: placed.grade,
                next: placed.better_from.map(|(grade, bound)| format!("{grade} from {bound}")),
            })
        })
        .collect();
    let overall = figures.iter().map(|figure| figure.grade).max()?;
    Some(Rating { overall, figures })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::band::{Workload, default_bands};
    use crate::fixture;
    use crate::summary::Figures;

    #[test]
    fn the_worst_figure_decides() {
        let summary = Summary { bands: default_bands(Workload::Requests), ..fixture::mix() };
        let rating = rating(&summary).unwrap();
        let shown: Vec<String> = rating
            .figures
            .iter()
            .map(|figure| {
                let next = figure.next.as_deref().unwrap_or("");
                format!("{} {} {} {next}", figure.figure, figure.measured, figure.grade)
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
        e2e.p95 664 ms acceptable good from 500ms
        errors 0.41 % good excellent from 0.1%
        ");
        assert_eq!(rating.overall, Grade::Acceptable);
    }

    #[test]
    fn what_was_not_measured_is_not_rated() {
        let mut summary = Summary { bands: default_bands(Workload::Requests), ..fixture::mix() };
        summary.all = Figures::default();
        assert_eq!(rating(&summary), None);
        summary.all.completed = 1;
        let rated = rating(&summary).unwrap();
        assert_eq!(rated.figures.iter().map(|figure| figure.figure.as_str()).collect::<Vec<_>>(), ["errors"]);
        summary.bands.clear();
        assert_eq!(rating(&summary), None);
    }
}
