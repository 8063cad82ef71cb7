//! Aligned columns.

use super::paint::Style;

/// Rows of cells under a head; the first column starts at the left, the others end at the right.
#[derive(Debug)]
pub(super) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Columns of figures are at least this wide, so that the tables of a report line up.
const FIGURE_WIDTH: usize = 9;
/// The first column, likewise.
pub(super) const LABEL_WIDTH: usize = 18;
/// No label is wider than this; what is longer ends in `…`.
const LABEL_WIDTH_MAX: usize = 30;

impl Table {
    pub(super) fn new(head: &[&str]) -> Self {
        Self { head: head.iter().map(|&text| text.to_owned()).collect(), rows: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// One line a row, indented by two.
    pub(super) fn lines(&self, style: Style) -> Vec<String> {
        let widths = self.widths();
        let line = |cells: &[String]| {
            let mut text = String::from("  ");
            for (place, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                if place == 0 {
                    text.push_str(&format!("{:<width$}", shortened(cell)));
                } else {
                    text.push_str(&format!(" {cell:>width$}"));
                }
            }
            text.trim_end().to_owned()
        };
        let head = style.faint(&line(&self.head));
        std::iter::once(head).chain(self.rows.iter().map(|row| line(row))).collect()
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = Vec::new();
        for row in std::iter::once(&self.head).chain(&self.rows) {
            for (place, cell) in row.iter().enumerate() {
                let (wanted, least) =
                    if place == 0 { (shortened(cell), LABEL_WIDTH) } else { (cell.clone(), FIGURE_WIDTH) };
                let wanted = wanted.chars().count().max(least);
                match widths.get_mut(place) {
                    Some(width) => *width = wanted.max(*width),
                    None => widths.push(wanted),
                }
            }
        }
        widths
    }
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LABEL_WIDTH_MAX {
        return label.to_owned();
    }
    label.chars().take(LABEL_WIDTH_MAX - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_up_whatever_the_letters() {
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
