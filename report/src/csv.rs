//! Comma-separated values, RFC 4180.

use std::fmt::Display;

use csv::{Terminator, Writer, WriterBuilder};

use crate::format::RenderError;

/// The line terminator of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// As Unix tools expect it.
    Lf,
    /// As the RFC and Python's writer, and so Locust, have it.
    CrLf,
}

/// A CSV file in memory.
#[derive(Debug)]
pub(super) struct Sheet {
    writer: Writer<Vec<u8>>,
}

/// The fields of one line.
#[derive(Debug, Default)]
pub(super) struct Row {
    fields: Vec<String>,
}

impl Sheet {
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

    /// Appends a field of text.
    pub(super) fn text(&mut self, text: &str) {
        self.fields.push(text.to_owned());
    }

    /// Appends a number as it formats itself.
    pub(super) fn number(&mut self, number: impl Display) {
        self.fields.push(format!("{number}"));
    }

    /// Appends a number to a thousandth, always with a point.
    pub(super) fn fraction(&mut self, number: f64) {
        self.fields.push(format!("{:?}", (number * 1e3).round() / 1e3));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn push_text_with_delimiters_quotes_it() {
        let mut row = Row::of(&["", "mix", "a,b \"c\"", "two\r\nlines"]);
        row.number(7);
        row.fraction(0.0);
        row.fraction(1.23456);
        let mut sheet = Sheet::new(LineEnd::CrLf);
        sheet.push(&row).unwrap();
        let text = String::from_utf8(sheet.into_bytes().unwrap()).unwrap();
        assert_eq!(text, ",mix,\"a,b \"\"c\"\"\",\"two\r\nlines\",7,0.0,1.235\r\n");
    }

    #[test]
    fn push_row_of_another_length_fails() {
        let mut sheet = Sheet::new(LineEnd::Lf);
        sheet.push(&Row::of(&["a", "b"])).unwrap();
        assert!(matches!(sheet.push(&Row::of(&["a"])), Err(RenderError::Csv(_))));
    }
}
