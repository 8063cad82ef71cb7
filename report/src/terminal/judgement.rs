//! Thresholds and rating on the terminal.

use super::super::verdict;
use super::lines::wrapped;
use super::lines::{labelled, labelled_lines};
use super::paint::Page;
use weir_results::{Summary, ThresholdResult, rating};

/// Thresholds shown, failed ones first; the others are in the files.
const THRESHOLDS_MAX: usize = 12;

/// The maximum width of the column of thresholds; a longer text moves its value to the right.
const TEXT_WIDTH_MAX: usize = 48;

/// Thresholds and rating.
pub(super) fn lines(summary: &Summary, page: Page) -> Vec<String> {
    let mut lines = thresholds(summary, page);
    lines.extend(rated(summary, page));
    lines
}

fn thresholds(summary: &Summary, page: Page) -> Vec<String> {
    let results = verdict::failed_first(summary);
    if results.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![labelled("thresholds", &verdict::held_of_all(&results))];
    let width = |result: &&ThresholdResult| result.text.chars().count();
    let width = results.iter().map(width).max().unwrap_or(0).min(TEXT_WIDTH_MAX);
    for result in results.iter().take(THRESHOLDS_MAX) {
        let text = format!("{:width$}  {}", result.text, verdict::measured(result));
        if result.passed() {
            lines.extend(wrapped(page, "    ok      ", &text));
        } else {
            lines.extend(wrapped(page, "    FAILED  ", &text).iter().map(|line| page.style.error(line)));
        }
    }
    let others = results.len().saturating_sub(THRESHOLDS_MAX);
    if others > 0 {
        lines.push(labelled("", &format!("{others} more thresholds are in the files")));
    }
    lines
}

fn rated(summary: &Summary, page: Page) -> Vec<String> {
    let Some(rating) = rating(summary) else { return Vec::new() };
    labelled_lines(page, "rating", &format!("{}: {}", rating.overall, rating.in_words()))
}
