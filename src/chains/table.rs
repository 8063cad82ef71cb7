//! Aligned columns.

use comfy_table::{CellAlignment, presets::NOTHING};

/// Spaces before each column.
const INDENT: u16 = 2;

/// Cells under a head, indented by two.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    columns: [Column; N],
    rows: Vec<[String; N]>,
}

/// The head of a column, and the alignment of its cells.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    /// Words, at the left.
    Words(&'static str),
    /// Figures, at the right.
    Figures(&'static str),
}

impl<const N: usize> Table<N> {
    pub(crate) const fn new(columns: [Column; N]) -> Self {
        Self { columns, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }

    /// The head and the rows, a line each.
    pub(crate) fn text(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING).set_header(self.columns.map(Column::head)).add_rows(&self.rows);
        for (shown, column) in table.column_iter_mut().zip(self.columns) {
            shown.set_padding((INDENT, 0)).set_cell_alignment(column.alignment());
        }
        table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

impl Column {
    const fn head(self) -> &'static str {
        match self {
            Self::Words(head) | Self::Figures(head) => head,
        }
    }

    const fn alignment(self) -> CellAlignment {
        match self {
            Self::Words(_) => CellAlignment::Left,
            Self::Figures(_) => CellAlignment::Right,
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
        table.row(["日本".to_owned(), "9 s".to_owned(), "e\u{301}".to_owned()]);
        insta::assert_snapshot!(table.text(), @"
        step      took  needs
        größer   84 µs
        b       1.25 s  größer
        日本       9 s  é
        ");
    }
}
