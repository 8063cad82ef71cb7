//! The data of the page's template: formatted text, which the template escapes.

use serde::Serialize;
use weir_results::visible;

use super::super::remarks::Level;
use super::chart::Chart;
use weir_results::units;

/// The page.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    pub(super) weir: String,
    pub(super) title: String,
    pub(super) banner: Banner,
    pub(super) facts: Vec<Named>,
    pub(super) remarks: Vec<RemarkView>,
    pub(super) sections: Vec<SectionView>,
    pub(super) terms: Vec<Named>,
}

#[derive(Debug, Serialize)]
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) value: String,
}

#[derive(Debug, Serialize)]
pub(super) struct RemarkView {
    pub(super) class: &'static str,
    pub(super) text: String,
}

/// The verdict on the report.
#[derive(Debug, Serialize)]
pub(super) struct Banner {
    pub(super) class: &'static str,
    pub(super) word: &'static str,
    pub(super) sentence: String,
}

/// One measurement: figures as tiles, charts, tables.
#[derive(Debug, Serialize)]
pub(super) struct SectionView {
    pub(super) title: String,
    pub(super) about: String,
    pub(super) tiles: Vec<Tile>,
    pub(super) figures: Vec<FigureView>,
    pub(super) tables: Vec<Table>,
}

/// One figure in large letters.
#[derive(Debug, Serialize)]
pub(super) struct Tile {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) unit: &'static str,
    pub(super) note: String,
    pub(super) alarm: bool,
}

/// The frame of a chart; `chart` is its index in the page's data.
#[derive(Debug, Serialize)]
pub(super) struct FigureView {
    pub(super) chart: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct Table {
    pub(super) caption: &'static str,
    pub(super) note: String,
    pub(super) head: Vec<Head>,
    pub(super) rows: Vec<Vec<Cell>>,
}

#[derive(Debug, Serialize)]
pub(super) struct Head {
    pub(super) name: &'static str,
    pub(super) text_column: bool,
}

/// A cell; `value` is the sort key, if it is not the text.
#[derive(Debug, Serialize)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) value: Option<f64>,
    pub(super) class: &'static str,
}

/// The charts of all sections, in the order in which figures refer to them.
#[derive(Debug, Default)]
pub(super) struct Charts {
    all: Vec<Chart>,
    groups: usize,
}

impl Charts {
    /// Keeps the chart and returns its frame.
    pub(super) fn frame(&mut self, chart: Chart) -> FigureView {
        self.all.push(chart);
        FigureView { chart: self.all.len() - 1 }
    }

    /// Returns a unique number for a group of charts that share their crosshair.
    pub(super) fn next_group(&mut self) -> usize {
        self.groups += 1;
        self.groups
    }

    pub(super) fn as_slice(&self) -> &[Chart] {
        &self.all
    }
}

impl Tile {
    pub(super) fn new(name: &'static str, value: impl Into<String>, note: impl Into<String>) -> Self {
        Self { name, value: value.into(), unit: "", note: unbroken(&note.into()), alarm: false }
    }
}

/// Keeps a figure and its unit on one line: no break between a digit and a unit or further digits.
fn unbroken(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut before = ' ';
    while let Some(character) = rest.next() {
        let unit_follows = rest.peek().is_some_and(|next| next.is_ascii_digit() || "µms%×".contains(*next));
        let sticks = character == ' ' && before.is_ascii_digit() && unit_follows;
        kept.push(if sticks { '\u{a0}' } else { character });
        before = character;
    }
    kept
}

impl Head {
    /// A column of figures.
    pub(super) fn figures(name: &'static str) -> Self {
        Self { name, text_column: false }
    }

    /// A column of words.
    pub(super) fn words(name: &'static str) -> Self {
        Self { name, text_column: true }
    }
}

impl Cell {
    pub(super) fn words(text: impl Into<String>) -> Self {
        let text = visible(&text.into()).into_owned();
        Self { text, value: None, class: "text" }
    }

    pub(super) fn figure(value: f64, text: String) -> Self {
        Self { text, value: Some(value), class: "" }
    }

    pub(super) fn count(count: u64) -> Self {
        Self::figure(count as f64, units::count(count))
    }

    /// Milliseconds, if they were measured.
    pub(super) fn ms(ms: Option<f64>) -> Self {
        ms.map_or_else(Self::none, |ms| Self::figure(ms, units::ms(ms)))
    }

    /// A word in a column of figures.
    pub(super) fn label(text: &str) -> Self {
        Self { text: text.to_owned(), value: None, class: "" }
    }

    /// A figure that was not measured; it sorts below all others.
    pub(super) fn none() -> Self {
        Self { text: units::NOT_AVAILABLE.to_owned(), value: Some(-1.0), class: "none" }
    }
}

impl Level {
    /// The class in the stylesheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Invalid => "bad",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unbroken_keeps_figures_with_their_units() {
        assert_eq!(
            unbroken("1 206 answers, p99 1.25 s, 3 %"),
            "1\u{a0}206 answers, p99\u{a0}1.25\u{a0}s, 3\u{a0}%"
        );
    }
}
