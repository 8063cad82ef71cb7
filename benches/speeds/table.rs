//! Rows and how they are printed.

use std::fmt;

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) measured: String,
    /// The ceiling or the noise floor of the same run.
    pub(crate) beside: String,
    /// Measured by ceiling, or measured by floor.
    pub(crate) ratio: Option<f64>,
    /// The bound and the target.
    pub(crate) needed: String,
    pub(crate) verdict: Verdict,
    /// A note on the measurement; printed below the table.
    pub(crate) note: Option<String>,
}

/// Whether a figure meets its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Met,
    Missed,
    /// Not measured.
    Skipped,
}

impl Verdict {
    pub(crate) const fn of(met: bool) -> Self {
        if met { Self::Met } else { Self::Missed }
    }
}

impl Row {
    /// A group of rows that could not be measured.
    pub(crate) fn failed(name: &str, error: &anyhow::Error) -> Self {
        Self::unmeasured(name, format!("{error:#}"))
    }

    /// A row without a figure, and why.
    pub(crate) fn unmeasured(name: &str, why: String) -> Self {
        Self {
            name: name.to_owned(),
            measured: "n/a".to_owned(),
            beside: String::new(),
            ratio: None,
            needed: String::new(),
            verdict: Verdict::Skipped,
            note: Some(why),
        }
    }
}

/// All rows so far.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    pub(crate) fn add(&mut self, row: Row) {
        self.0.push(row);
    }
}

const HEADINGS: [&str; 6] = ["row", "measured", "ceiling/floor", "ratio", "needed", ""];

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<[String; 6]> =
            std::iter::once(HEADINGS.map(str::to_owned)).chain(self.0.iter().map(cells)).collect();
        let mut widths = [0; 6];
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = cell.chars().count().max(*width);
            }
        }
        for line in &lines {
            for (cell, width) in line.iter().zip(widths) {
                write!(f, "{cell:<width$}  ")?;
            }
            writeln!(f)?;
        }
        for row in &self.0 {
            if let Some(note) = &row.note {
                writeln!(f, "* {}: {note}", row.name)?;
            }
        }
        Ok(())
    }
}

fn cells(row: &Row) -> [String; 6] {
    let verdict = match row.verdict {
        Verdict::Met => "ok",
        Verdict::Missed => "MISSED",
        Verdict::Skipped => "-",
    };
    [
        row.name.clone(),
        row.measured.clone(),
        row.beside.clone(),
        row.ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
        row.needed.clone(),
        verdict.to_owned(),
    ]
}
