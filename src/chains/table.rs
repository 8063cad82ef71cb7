//! Aligned columns.

/// Cells under a head, indented by two.
#[derive(Debug)]
pub(super) struct Table<const N: usize> {
    columns: [Column; N],
    rows: Vec<[String; N]>,
}

/// A column by its head, and where its cells stand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Column {
    /// Words, at the left.
    Words(&'static str),
    /// Figures, at the right.
    Figures(&'static str),
}

impl<const N: usize> Table<N> {
    pub(super) const fn new(columns: [Column; N]) -> Self {
        Self { columns, rows: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }

    /// The head and the rows, a line each.
    pub(super) fn text(&self) -> String {
        let head = self.columns.map(|column| column.head().to_owned());
        let lines: Vec<&[String; N]> = std::iter::once(&head).chain(&self.rows).collect();
        let mut text = String::new();
        for cells in &lines {
            let mut line = String::new();
            for (place, (cell, column)) in cells.iter().zip(self.columns).enumerate() {
                let widths =
                    lines.iter().filter_map(|cells| cells.get(place)).map(|cell| cell.chars().count());
                let width = widths.max().unwrap_or(0);
                line.push_str("  ");
                line.push_str(&match column {
                    Column::Words(_) => format!("{cell:<width$}"),
                    Column::Figures(_) => format!("{cell:>width$}"),
                });
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

impl Column {
    const fn head(self) -> &'static str {
        match self {
            Self::Words(head) | Self::Figures(head) => head,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new([Column::Words("step"), Column::Figures("took"), Column::Words("needs")]);
        table.row(["größer".to_owned(), "84 µs".to_owned(), String::new()]);
        table.row(["b".to_owned(), "1.25 s".to_owned(), "größer".to_owned()]);
        insta::assert_snapshot!(table.text(), @"
          step      took  needs
          größer   84 µs
          b       1.25 s  größer
        ");
    }
}
