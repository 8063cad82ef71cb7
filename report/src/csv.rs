//! Comma-separated values, RFC 4180.

use std::fmt::{Display, Write as _};

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// As tools on Unix like it.
    Lf,
    /// As the RFC has it, and Python's writer.
    CrLf,
}

/// Lines of text.
#[derive(Debug)]
pub(super) struct Sheet {
    text: String,
    line_end: LineEnd,
}

/// One line to be.
#[derive(Debug, Default)]
pub(super) struct Row {
    text: String,
    fields: usize,
}

impl Sheet {
    pub(super) fn new(line_end: LineEnd) -> Self {
        Self { text: String::new(), line_end }
    }

    #[expect(clippy::needless_pass_by_value, reason = "a row is of no more use when it is written")]
    pub(super) fn push(&mut self, row: Row) {
        self.text.push_str(&row.text);
        self.text.push_str(match self.line_end {
            LineEnd::Lf => "\n",
            LineEnd::CrLf => "\r\n",
        });
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

impl Row {
    pub(super) fn of(fields: &[&str]) -> Self {
        let mut row = Self::default();
        fields.iter().for_each(|field| row.text(field));
        row
    }

    /// Quoted where that is needed.
    pub(super) fn text(&mut self, text: &str) {
        self.separate();
        if text.contains([',', '"', '\n', '\r']) {
            self.text.push('"');
            self.text.push_str(&text.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(text);
        }
    }

    /// Something that needs no quotes.
    pub(super) fn number(&mut self, number: impl Display) {
        self.separate();
        // Writing to a string does not fail.
        let _ = write!(self.text, "{number}");
    }

    /// A number to a thousandth, always with a point.
    pub(super) fn fraction(&mut self, number: f64) {
        self.number(format_args!("{:?}", (number * 1e3).round() / 1e3));
    }

    fn separate(&mut self) {
        if self.fields > 0 {
            self.text.push(',');
        }
        self.fields += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_where_it_must_be() {
        let mut row = Row::of(&["", "mix", "a,b \"c\"", "two\r\nlines"]);
        row.number(7);
        row.fraction(0.0);
        row.fraction(1.23456);
        let mut sheet = Sheet::new(LineEnd::CrLf);
        sheet.push(row);
        let text = String::from_utf8(sheet.into_bytes()).unwrap();
        assert_eq!(text, ",mix,\"a,b \"\"c\"\"\",\"two\r\nlines\",7,0.0,1.235\r\n");
    }
}
