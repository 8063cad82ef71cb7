//! Aligned columns of figures.

use comfy_table::{CellAlignment, ColumnConstraint, Width, presets::NOTHING};
use weir_results::visible;

use super::paint::Style;

/// Rows of cells under a head; the first column starts at the left, the others end at the right.
#[derive(Debug)]
pub(super) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// The minimum width of columns of figures, so that the tables of a report are aligned.
const FIGURE_WIDTH: u16 = 9;
/// The minimum width of the first column.
pub(super) const LABEL_WIDTH: u16 = 18;
/// The maximum width of a label; a longer one is cut and ends in `…`.
const LABEL_WIDTH_MAX: usize = 30;

impl Table {
    pub(super) fn new(head: &[&str]) -> Self {
        Self { head: head.iter().map(|&text| text.to_owned()).collect(), rows: Vec::new() }
    }

    pub(super) fn row(&mut self, mut cells: Vec<String>) {
        if let Some(label) = cells.first_mut() {
            *label = shortened(label);
        }
        self.rows.push(cells);
    }

    /// Returns one line per row, indented by two.
    pub(super) fn lines(&self, style: Style) -> Vec<String> {
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
            *head = style.faint(head);
        }
        lines
    }
}

fn shortened(label: &str) -> String {
    let label = &*visible(label);
    if label.chars().count() <= LABEL_WIDTH_MAX {
        return label.to_owned();
    }
    label.chars().take(LABEL_WIDTH_MAX - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_wide_characters_are_aligned() {
        let mut table = Table::new(&["task", "p50"]);
        table.row(vec!["grün".into(), "84 µs".into()]);
        table.row(vec!["a name of more than thirty letters".into(), "123 456 789 s".into()]);
        insta::assert_snapshot!(table.lines(Style::Plain).join("\n"), @r"
        task                                     p50
        grün                                   84 µs
        a name of more than thirty le… 123 456 789 s
        ");
    }
}
