//! Comma-separated values, RFC 4180.

use std::fmt::Display;

use csv::{Terminator, Writer, WriterBuilder};

use crate::format::RenderError;
use weir_results::visible;

/// The line terminator of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// `\n`, as Unix tools expect.
    Lf,
    /// `\r\n`, as in the RFC and in Python's writer, which Locust uses.
    CrLf,
}

/// A CSV file in memory.
#[derive(Debug)]
pub(super) struct CsvFile {
    writer: Writer<Vec<u8>>,
}

/// The fields of one line.
#[derive(Debug, Default)]
pub(super) struct Row {
    fields: Vec<String>,
}

impl CsvFile {
    pub(super) fn new(line_end: LineEnd) -> Self {
        let terminator = match line_end {
            LineEnd::Lf => Terminator::Any(b'\n'),
            LineEnd::CrLf => Terminator::CRLF,
        };
        Self { writer: WriterBuilder::new().terminator(terminator).from_writer(Vec::new()) }
    }

    /// Appends a row. Fails if its number of fields differs from that of the first row.
    pub(super) fn push(&mut self, row: &Row) -> Result<(), RenderError> {
        self.writer.write_record(&row.fields).map_err(RenderError::Csv)
    }

    pub(super) fn into_bytes(self) -> Result<Vec<u8>, RenderError> {
        self.writer.into_inner().map_err(|error| RenderError::Csv(error.into_error().into()))
    }
}

impl Row {
    pub(super) fn of(fields: &[&str]) -> Self {
        Self { fields: fields.iter().map(|&field| field.to_owned()).collect() }
    }

    /// Appends a field of text, which may come from the target: hidden characters are made visible, and what a
    /// spreadsheet would take for a formula gets a leading `'`.
    pub(super) fn text(&mut self, text: &str) {
        let is_formula =
            text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && text.parse::<f64>().is_err();
        let text = visible(text);
        self.fields.push(if is_formula { format!("'{text}") } else { text.into_owned() });
    }

    /// Appends a number in its `Display` form.
    pub(super) fn number(&mut self, number: impl Display) {
        self.fields.push(format!("{number}"));
    }

    /// Appends a number with three decimals.
    pub(super) fn fraction(&mut self, number: f64) {
        self.fields.push(format!("{:?}", (number * 1e3).round() / 1e3));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_formula_is_quoted_and_controls_are_visible() {
        let mut row = Row::default();
        for text in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "-2.5",
            "+7",
            "a=1",
            "\u{1b}[31mred",
            "a\u{202e}b",
        ] {
            row.text(text);
        }
        let expected = [
            "'=1+1",
            "'+cmd|' /C calc'!A0",
            "'-2+3",
            "'@SUM(A1)",
            "'\\t=1",
            "-2.5",
            "+7",
            "a=1",
            "\\u{1b}[31mred",
            "a\\u{202e}b",
        ];
        assert_eq!(row.fields, expected);
    }

    #[test]
    fn push_text_with_delimiters_quotes_it() {
        let mut row = Row::of(&["", "mix", "a,b \"c\"", "two\r\nlines"]);
        row.number(7);
        row.fraction(0.0);
        row.fraction(1.23456);
        let mut file = CsvFile::new(LineEnd::CrLf);
        file.push(&row).unwrap();
        let text = String::from_utf8(file.into_bytes().unwrap()).unwrap();
        assert_eq!(text, ",mix,\"a,b \"\"c\"\"\",\"two\r\nlines\",7,0.0,1.235\r\n");
    }

    #[test]
    fn push_row_of_another_length_fails() {
        let mut file = CsvFile::new(LineEnd::Lf);
        file.push(&Row::of(&["a", "b"])).unwrap();
        assert!(matches!(file.push(&Row::of(&["a"])), Err(RenderError::Csv(_))));
    }
}
