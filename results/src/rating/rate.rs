//! Rates a summary by its bands.

use crate::band::{Band, Grade};
use crate::summary::{LoadKind, LoadSummary, Summary};
use crate::threshold::Bound;
use crate::units;
use crate::units::Unit;

/// The rating of a run.
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
    /// Its name in the syntax of thresholds: `e2e.p95`.
    pub figure: String,
    /// The measured value.
    pub value: f64,
    /// The unit of `value`.
    pub unit: Unit,
    /// The measured value with its unit: `612 ms`.
    pub measured: String,
    /// The grade of the value.
    pub grade: Grade,
    /// The bound of the next better grade, in words: `good from 500ms`; `None` for the best grade.
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

/// Rates a run by the bands of its summary; `None` if it has none, or none of their figures was measured. Rates are left
/// out if the load limits them, so that they say nothing about the target.
#[must_use]
pub fn rating(summary: &Summary) -> Option<Rating> {
    let figures: Vec<RatedFigure> = summary
        .bands
        .iter()
        .filter_map(|band| {
            let graded = band.grade_value(summary)?;
            if graded.unit == Unit::PerSecond && is_rate_limited_by_load(&summary.load) {
                return None;
            }
            Some(RatedFigure {
                figure: band.subject().to_string(),
                value: graded.value,
                unit: graded.unit,
                measured: units::with_unit(graded.value, graded.unit),
                grade: graded.grade,
                next: graded.better_from.map(|(grade, bound)| format!("{grade} from {bound}")),
            })
        })
        .collect();
    let overall = figures.iter().map(|figure| figure.grade).max()?;
    Some(Rating { overall, figures })
}

/// Whether the load decides how many requests there are per second: arrivals at a rate, and users who pause.
fn is_rate_limited_by_load(load: &LoadSummary) -> bool {
    match load.kind {
        LoadKind::Open => true,
        LoadKind::Closed => load.think_mean_s.is_some_and(|think_s| think_s > 0.0),
    }
}

/// A measured value with its grade.
#[derive(Clone, Debug, PartialEq)]
struct GradedValue {
    value: f64,
    unit: Unit,
    grade: Grade,
    /// The bound of the next better grade.
    better_from: Option<(Grade, Bound)>,
}

impl Band {
    /// Returns the value of a run with its grade; `None` if the figure was not measured.
    fn grade_value(&self, summary: &Summary) -> Option<GradedValue> {
        let unit = self.bounds.first().map(|bound| self.subject().unit(*bound))?;
        let value = self.subject().value(summary, unit).ok()?;
        let beyond = self.bounds.iter().filter(|bound| !self.is_within(value, **bound)).count();
        let grade = Grade::of(self.bounds.len(), beyond)?;
        let better_from = beyond
            .checked_sub(1)
            .and_then(|better| Some((Grade::of(self.bounds.len(), better)?, *self.bounds.get(better)?)));
        Some(GradedValue { value, unit, grade, better_from })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::summary::Figures;

    #[test]
    fn rating_of_several_figures_is_the_worst_grade() {
        let summary = Summary { bands: fixture::bands(), ..fixture::mix() };
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
    fn rating_leaves_out_rates_that_the_load_limits() {
        let rated = |kind, think_mean_s| {
            let rps = Band::parse("rps", &["1000".to_owned(), "10".to_owned()]).unwrap();
            let goodput = Band::parse("goodput(e2e < 1s)", &["1000/s".to_owned()]).unwrap();
            let mut summary =
                Summary { bands: [vec![rps, goodput], fixture::bands()].concat(), ..fixture::mix() };
            (summary.load.kind, summary.load.think_mean_s) = (kind, think_mean_s);
            let rating = rating(&summary).unwrap();
            rating.figures.into_iter().map(|figure| figure.figure).collect::<Vec<_>>()
        };
        assert_eq!(rated(LoadKind::Closed, Some(0.0)), ["rps", "e2e.p95", "errors"]);
        assert_eq!(rated(LoadKind::Closed, Some(1.0)), ["e2e.p95", "errors"]);
        assert_eq!(rated(LoadKind::Open, None), ["e2e.p95", "errors"]);
    }

    #[test]
    fn rating_without_measured_figures_leaves_them_out() {
        let mut summary = Summary { bands: fixture::bands(), ..fixture::mix() };
        summary.all = Figures::default();
        assert_eq!(rating(&summary), None);
        summary.all.completed = 1;
        let rated = rating(&summary).unwrap();
        assert_eq!(rated.figures.iter().map(|figure| figure.figure.as_str()).collect::<Vec<_>>(), ["errors"]);
        summary.bands.clear();
        assert_eq!(rating(&summary), None);
    }
}
