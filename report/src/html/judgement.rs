//! Thresholds, recommendations and rating on the page.

use super::super::verdict;
use super::view::{Cell, Head, Table, Tile};
use weir_results::{Outcome, Summary, ThresholdResult, rating, recommendations};

/// The thresholds, failed ones first; `None` if there are none.
pub(super) fn thresholds(summary: &Summary) -> Option<Table> {
    let results = verdict::failed_first(summary);
    if results.is_empty() {
        return None;
    }
    let row = |result: &ThresholdResult| {
        let (word, class) = match result.outcome {
            Outcome::Passed => ("held", ""),
            Outcome::Failed => ("FAILED", "bad"),
            Outcome::NotMeasured => ("not measured", "bad"),
        };
        vec![
            Cell { class, ..Cell::label(word) },
            Cell::words(result.text.as_str()),
            Cell::words(verdict::measured(result)),
        ]
    };
    Some(Table {
        caption: "Thresholds",
        note: verdict::held_of_all(&results),
        head: vec![Head::words("outcome"), Head::words("threshold"), Head::words("measured")],
        rows: results.into_iter().map(row).collect(),
    })
}

/// The recommendations with their evidence.
pub(super) fn advice(summary: &Summary) -> Option<Table> {
    let rows: Vec<Vec<Cell>> =
        recommendations(summary).into_iter().map(|advice| vec![Cell::words(advice.text)]).collect();
    let head = vec![Head::words("recommendation")];
    (!rows.is_empty()).then(|| Table { caption: "Recommendations", note: String::new(), head, rows })
}

/// The grade, with the figures behind it.
pub(super) fn tile(summary: &Summary) -> Option<Tile> {
    let rating = rating(summary)?;
    Some(Tile::new("Rating", rating.overall.to_string(), rating.in_words()))
}
