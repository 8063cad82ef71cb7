//! The text of a rewritten template.

use minijinja::{
    Error, ErrorKind,
    machinery::Span,
    value::{Value, ValueKind},
};

/// Collects the text, and keeps each expression in the line in which it was.
#[derive(Debug)]
pub(crate) struct Writer {
    text: String,
    line: u16,
    /// Whether the text that is written next is in a block that may escape.
    pub(crate) escapes: bool,
}

impl Writer {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes * 2), line: 1, escapes: false }
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Goes on to the line of a part. Only within tags, where white space means nothing.
    pub(crate) fn go_to(&mut self, span: Span) {
        while self.line < span.start_line {
            self.text.push('\n');
            self.line += 1;
        }
    }

    /// Writes a text as a literal.
    pub(crate) fn push_str(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                other => self.text.push(other),
            }
        }
        self.text.push('"');
    }

    /// Writes a constant as a literal.
    ///
    /// # Errors
    /// Fails for constants that have no literal, which no template contains.
    pub(crate) fn push_literal(&mut self, value: &Value) -> Result<(), Error> {
        match (value.as_str(), value.kind()) {
            (Some(text), _) => self.push_str(text),
            (None, ValueKind::None) => self.push("none"),
            (None, ValueKind::Bool) => self.push(if value.is_true() { "true" } else { "false" }),
            (None, ValueKind::Number) if value.is_integer() => self.push(&format!("({value})")),
            (None, ValueKind::Number) => match f64::try_from(value.clone()) {
                Ok(number) if number.is_finite() => self.push(&format!("({number:?})")),
                _ => return Err(Error::new(ErrorKind::SyntaxError, "expected a finite number")),
            },
            (None, kind) => {
                return Err(Error::new(ErrorKind::SyntaxError, format!("unexpected constant: {kind}")));
            }
        }
        Ok(())
    }
}
