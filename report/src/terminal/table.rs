//! Aligned columns of figures.

use comfy_table::{CellAlignment, ColumnConstraint, Width, presets::NOTHING};
use weir_results::visible;

use super::paint::Page;

/// Rows of cells under a head; the first column starts at the left, the others end at the right.
#[derive(Debug)]
pub(super) struct Table {
    page: Page,
    head: Vec<String>,
    /// Whether each column is shown.
    shown: Vec<bool>,
    rows: Vec<Vec<String>>,
}

/// The minimum width of columns of figures, so that the tables of a report are aligned.
const FIGURE_WIDTH: u16 = 9;
/// The minimum width of the first column.
pub(super) const LABEL_WIDTH: u16 = 18;
/// The maximum width of a label, if there is room; a longer one is cut and ends in `…`.
const LABEL_WIDTH_MAX: usize = 40;

impl Table {
    /// A table with these columns, each with the width of the page from which it is shown.
    pub(super) fn new(page: Page, head: &[(&str, usize)]) -> Self {
        let shown: Vec<bool> = head.iter().map(|(_, from)| page.width() >= *from).collect();
        let head =
            head.iter().zip(&shown).filter(|(_, shown)| **shown).map(|((name, _), _)| (*name).to_owned());
        Self { page, head: head.collect(), shown, rows: Vec::new() }
    }

    /// Adds a row with a cell for each column, shown or not.
    pub(super) fn row(&mut self, cells: Vec<String>) {
        let mut cells: Vec<String> =
            cells.into_iter().zip(&self.shown).filter(|(_, shown)| **shown).map(|(cell, _)| cell).collect();
        if let Some(label) = cells.first_mut() {
            *label = shortened(label, self.label_width_max());
        }
        self.rows.push(cells);
    }

    /// The width that the columns of figures leave for a label.
    fn label_width_max(&self) -> usize {
        let figures = self.head.len().saturating_sub(1) * (usize::from(FIGURE_WIDTH) + 1);
        let left = self.page.width().saturating_sub(figures + 2);
        left.clamp(usize::from(LABEL_WIDTH), LABEL_WIDTH_MAX)
    }

    /// Returns one line per row, indented by two.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING).set_header(&self.head).add_rows(&self.rows);
        for (place, column) in table.column_iter_mut().enumerate() {
            let (alignment, indent, width) = match place {
                0 => (CellAlignment::Left, 2, LABEL_WIDTH),
                _ => (CellAlignment::Right, 1, FIGURE_WIDTH),
            };
            column.set_padding((indent, 0)).set_cell_alignment(alignment);
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width + indent)));
        }
        let mut lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        if let Some(head) = lines.first_mut() {
            *head = self.page.style.faint(head);
        }
        lines
    }
}

fn shortened(label: &str, width_max: usize) -> String {
    let label = &*visible(label);
    if label.chars().count() <= width_max {
        return label.to_owned();
    }
    label.chars().take(width_max - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::super::paint::Style;
    use super::*;

    #[test]
    fn lines_of_wide_characters_are_aligned() {
        let mut table = Table::new(Page::new(Style::Plain, 60), &[("task", 0), ("p50", 0), ("p95", 80)]);
        table.row(vec!["grün".into(), "84 µs".into(), "no".into()]);
        table.row(vec![
            "a name of very many more than forty letters".into(),
            "123 456 789 s".into(),
            "no".into(),
        ]);
        insta::assert_snapshot!(table.lines().join("\n"), @"
        task                                               p50
        grün                                             84 µs
        a name of very many more than forty let… 123 456 789 s
        ");
    }
}
