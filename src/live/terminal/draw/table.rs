//! The figures of each task, or of each class.

use ratatui::{
    Frame,
    layout::{Constraint, Rect},
    style::Style,
    text::Line,
    widgets::{Cell, Row as Cells, Table},
};
use weir_results::units;

use super::{
    shown::{Part, Shown},
    theme,
};
use crate::live::view::{Row, View};

/// The minimum height: a header and two rows.
pub(super) const HEIGHT_MIN: u16 = 3;

/// The minimum and maximum width of the name column.
const NAME: (u16, u16) = (8, 34);

/// The width of any other column, with the space before it.
const COLUMN: u16 = 10;

struct Column {
    name: &'static str,
    /// Columns with a higher number are dropped first.
    rank: u8,
    text: fn(&Row) -> String,
}

const COLUMNS: [Column; 11] = [
    Column { name: "done", rank: 3, text: |row| units::count(row.completed) },
    Column { name: "failed", rank: 1, text: |row| units::count(row.failed) },
    Column { name: "mean rps", rank: 0, text: |row| units::figure(row.requests_per_s) },
    Column { name: "tokens/s", rank: 6, text: |row| figure_or_blank(row.tokens_per_s) },
    Column { name: "e2e p50", rank: 5, text: |row| units::ms_or_none(row.e2e_p50_ms) },
    Column { name: "e2e p95", rank: 2, text: |row| units::ms_or_none(row.e2e_p95_ms) },
    Column { name: "e2e p99", rank: 7, text: |row| units::ms_or_none(row.e2e_p99_ms) },
    Column { name: "TTFT p50", rank: 4, text: |row| ms_or_blank(row.ttft_p50_ms) },
    Column { name: "TTFT p95", rank: 8, text: |row| ms_or_blank(row.ttft_p95_ms) },
    Column { name: "ITL p50", rank: 9, text: |row| ms_or_blank(row.itl_p50_ms) },
    Column {
        name: "limited",
        rank: 10,
        text: |row| if row.rate_limited == 0 { String::new() } else { units::count(row.rate_limited) },
    },
];

/// Formats a figure that tasks without streams lack.
fn ms_or_blank(ms: Option<f64>) -> String {
    ms.map_or_else(String::new, units::ms)
}

fn figure_or_blank(value: f64) -> String {
    if value == 0.0 { String::new() } else { units::figure(value) }
}

/// The height of the whole table.
pub(super) fn height(view: &View, part: Part) -> u16 {
    let rows = u16::try_from(part.rows(view).len()).unwrap_or(u16::MAX);
    // The header, and the row of all requests.
    rows.saturating_add(2)
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, shown: &Shown, view: &View) {
    let rows = shown.table.rows(view);
    let longest = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or_default();
    let name = u16::try_from(longest).unwrap_or(NAME.1).clamp(NAME.0, NAME.1);
    let columns = fitting(area.width.saturating_sub(name), &view.all);
    let what = match shown.table {
        Part::Tasks => "task",
        Part::Classes => "class",
    };
    let head = std::iter::once(Cell::from(what)).chain(columns.iter().map(|column| right(column.name)));
    let shown_rows = rows.iter().skip(shown.scroll).map(|row| cells(row, &columns, theme::PLAIN));
    let all = cells(&view.all, &columns, theme::STRONG);
    let widths = std::iter::once(Constraint::Length(name))
        .chain(columns.iter().map(|_| Constraint::Length(COLUMN - 1)));
    let table = Table::new(std::iter::once(all).chain(shown_rows), widths)
        .header(Cells::new(head).style(theme::FAINT))
        .column_spacing(1);
    frame.render_widget(table, area);
}

/// Returns the non-empty columns that fit, preferring the most important ones, in their order.
fn fitting(width: u16, all: &Row) -> Vec<&'static Column> {
    let telling = || COLUMNS.iter().filter(|column| !(column.text)(all).is_empty());
    let mut ranks: Vec<u8> = telling().map(|column| column.rank).collect();
    ranks.sort_unstable();
    ranks.truncate(usize::from(width / COLUMN));
    telling().filter(|column| ranks.contains(&column.rank)).collect()
}

fn cells(row: &Row, columns: &[&Column], style: Style) -> Cells<'static> {
    let figures = columns.iter().map(|column| {
        let cell = right((column.text)(row));
        if column.name == "failed" && row.failed > 0 { cell.style(theme::BAD) } else { cell }
    });
    Cells::new(std::iter::once(Cell::from(row.name.clone())).chain(figures)).style(style)
}

fn right(text: impl Into<String>) -> Cell<'static> {
    Cell::from(Line::from(text.into()).right_aligned())
}
