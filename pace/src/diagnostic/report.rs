//! One error of a user's file, with its place.

use std::{fmt, ops::Range};

/// What is wrong with a file, and where. Displayed as `origin:line: key: message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    origin: String,
    place: Option<Place>,
    key: String,
    message: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    line: usize,
    column: Option<usize>,
    excerpt: Option<Excerpt>,
}

/// The line of a diagnostic, with the part that is wrong. Lines that may hold a secret have no excerpt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The text of the line; control characters are replaced.
    pub text: String,
    /// The part of `text` that is wrong, in bytes.
    pub span: Range<usize>,
}

/// Longer lines have no excerpt.
const EXCERPT_BYTES_MAX: usize = 400;

impl Diagnostic {
    /// An error of `key` in the file `origin` whose line is not known. The key is empty if it is of the whole file.
    pub fn new(origin: impl Into<String>, key: impl Into<String>, message: impl Into<String>) -> Self {
        Self(Box::new(Parts { origin: origin.into(), place: None, key: key.into(), message: message.into() }))
    }

    /// The same error, at `span` (bytes) of the file's `text`.
    #[must_use]
    pub fn at(mut self, text: &str, span: Range<usize>, hides_excerpt: bool) -> Self {
        let start = char_boundary(text, span.start);
        let (before, after) = text.split_at(start);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line_text = after.find('\n').map_or(&text[line_start..], |end| &text[line_start..start + end]);
        let within = start - line_start;
        let place = Place {
            line: before.matches('\n').count() + 1,
            column: Some(text[line_start..start].chars().count() + 1),
            excerpt: (!hides_excerpt).then(|| Excerpt::new(line_text, within..within + span.len())).flatten(),
        };
        self.0.place = Some(place);
        self
    }

    /// The same error, on a line (from 1) of a text that is no longer there.
    #[must_use]
    pub fn on_line(mut self, line: usize) -> Self {
        self.0.place = Some(Place { line, column: None, excerpt: None });
        self
    }

    /// The file.
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// The line, from 1, if it is known.
    pub fn line(&self) -> Option<usize> {
        self.0.place.as_ref().map(|place| place.line)
    }

    /// The column in characters, from 1, if it is known.
    pub fn column(&self) -> Option<usize> {
        self.0.place.as_ref()?.column
    }

    /// The path of the key, such as `chain.greet.step.a.tool`; empty for the file as a whole.
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The line that is wrong, unless it may hold a secret.
    pub fn excerpt(&self) -> Option<&Excerpt> {
        self.0.place.as_ref()?.excerpt.as_ref()
    }
}

impl Excerpt {
    /// `span` of one line; what lies beyond the line is cut off.
    fn new(line: &str, span: Range<usize>) -> Option<Self> {
        let line = line.trim_end();
        if line.len() > EXCERPT_BYTES_MAX || line.is_empty() {
            return None;
        }
        let start = char_boundary(line, span.start);
        let end = char_boundary(line, span.end).max(start);
        // Every replacement has the length of what it replaces, so that the span stays valid.
        let text = line.chars().map(|c| if c.is_control() { replacement(c) } else { c }).collect();
        Some(Self { text, span: start..end })
    }
}

/// The nearest character boundary at or before `offset`.
pub(super) fn char_boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

const fn replacement(control: char) -> char {
    // The control characters beyond ASCII have two bytes.
    if control.is_ascii() { ' ' } else { '\u{b7}' }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.origin)?;
        if let Some(line) = self.line() {
            write!(f, ":{line}")?;
        }
        f.write_str(": ")?;
        if !self.0.key.is_empty() {
            write!(f, "{}: ", self.0.key)?;
        }
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Diagnostic {}
