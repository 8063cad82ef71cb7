//! One error of a user's file, with its place.

use std::{fmt, ops::Range};

use super::Suggestion;

/// What is wrong with a file, and where. Displayed as `origin:line: key: message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    origin: String,
    key: String,
    message: String,
    suggestion: Option<Suggestion>,
    line: Option<usize>,
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

/// Of longer lines the excerpt is a part.
const EXCERPT_BYTES_MAX: usize = 400;
/// The middle of longer keys and messages is left out.
const TEXT_BYTES_MAX: usize = 4096;
/// How much of a longer line is shown before the wrong part.
const CONTEXT_BYTES: usize = 80;

impl Diagnostic {
    /// An error of `key` in the file `origin` whose line is not known. The key is empty if it is of the whole file.
    pub fn new(origin: impl Into<String>, key: impl Into<String>, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            origin: shown(origin.into()),
            key: shown(key.into()),
            message: shown(message.into()),
            suggestion: None,
            line: None,
            column: None,
            excerpt: None,
        }))
    }

    /// The same error, at `span` (bytes) of the file's `text`.
    #[must_use]
    pub fn at(mut self, text: &str, span: Range<usize>, hides_excerpt: bool) -> Self {
        let start = char_boundary(text, span.start);
        let (before, after) = text.split_at(start);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line_text = after.find('\n').map_or(&text[line_start..], |end| &text[line_start..start + end]);
        let within = start - line_start;
        self.0.line = Some(before.matches('\n').count() + 1);
        self.0.column = Some(text[line_start..start].chars().count() + 1);
        self.0.excerpt =
            if hides_excerpt { None } else { Excerpt::new(line_text, within..within + span.len()) };
        self
    }

    /// The same error with another message, and without a suggestion.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = shown(message.into());
        self.0.suggestion = None;
        self
    }

    /// The same error, with what to write instead. Types that append the suggestion to their text may give that text as
    /// the message: the suggestion is not repeated.
    #[must_use]
    pub fn suggesting(mut self, suggestion: Option<&Suggestion>) -> Self {
        if let Some(suggestion) = suggestion {
            if let Some(message) = self.0.message.strip_suffix(&suggestion.to_string()) {
                self.0.message = message.to_owned();
            }
            self.0.suggestion = Some(suggestion.clone());
        }
        self
    }

    /// The same error, whose wrong part is known more precisely: `part` is the value that this error is of. If the line
    /// shows the value unescaped, the mark moves to the wrong part of it; if there is no line, the value is the excerpt.
    #[must_use]
    pub fn within_value(mut self, part: Excerpt) -> Self {
        match &mut self.0.excerpt {
            Some(excerpt) => {
                if let Some(start) = excerpt.position(&part.text) {
                    excerpt.span = start + part.span.start..start + part.span.end;
                }
            }
            None if self.0.line.is_none() => self.0.excerpt = Some(part),
            None => {}
        }
        self
    }

    /// The file.
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// The line, from 1, if it is known.
    pub fn line(&self) -> Option<usize> {
        self.0.line
    }

    /// The column in characters, from 1, if it is known.
    pub fn column(&self) -> Option<usize> {
        self.0.column
    }

    /// The path of the key, such as `chain.greet.step.a.tool`; empty for the file as a whole.
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// What is wrong, without the suggestion.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to write instead.
    pub fn suggestion(&self) -> Option<&Suggestion> {
        self.0.suggestion.as_ref()
    }

    /// The text of `Display` without the suggestion: `origin:line: key: message`.
    pub fn headline(&self) -> String {
        let Parts { origin, key, message, line, .. } = &*self.0;
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        let key = if key.is_empty() { String::new() } else { format!("{key}: ") };
        format!("{origin}{line}: {key}{message}")
    }

    /// The line that is wrong, unless it may hold a secret.
    pub fn excerpt(&self) -> Option<&Excerpt> {
        self.0.excerpt.as_ref()
    }
}

impl Excerpt {
    /// `span` (bytes) of one line. What lies beyond the line is cut off, and so are the ends of a very long line. `None`
    /// for an empty line.
    pub fn new(line: &str, span: Range<usize>) -> Option<Self> {
        let line = line.trim_end();
        if line.is_empty() {
            return None;
        }
        let start = char_boundary(line, span.start);
        let end = char_boundary(line, span.end).max(start);
        let from = if line.len() > EXCERPT_BYTES_MAX { start.saturating_sub(CONTEXT_BYTES) } else { 0 };
        let shown = char_boundary(line, from)..char_boundary(line, from + EXCERPT_BYTES_MAX);
        // Every replacement has the length of what it replaces, so that the span stays valid.
        let replaced = |c: char| if c.is_control() { replacement(c) } else { c };
        let text = line.get(shown.clone()).unwrap_or_default().chars().map(replaced).collect();
        Some(Self { text, span: start - shown.start..end.min(shown.end) - shown.start })
    }

    /// Where the wrong part has `value`; otherwise where the line has it, if it does so once.
    fn position(&self, value: &str) -> Option<usize> {
        let marked = self.text.get(self.span.clone()).unwrap_or_default();
        if let Some(at) = marked.find(value) {
            return Some(self.span.start + at);
        }
        let mut matches = self.text.match_indices(value).map(|(at, _)| at);
        matches.next().filter(|_| matches.next().is_none())
    }
}

/// The nearest character boundary at or before `offset`.
pub(super) fn char_boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Returns a text of which a part may be the user's, as it can be shown: without control characters, and without its
/// middle if it is very long.
fn shown(text: String) -> String {
    let text = if text.len() > TEXT_BYTES_MAX {
        let (start, end) = (char_boundary(&text, TEXT_BYTES_MAX / 2), text.len() - TEXT_BYTES_MAX / 2);
        format!("{}…{}", &text[..start], &text[char_boundary(&text, end)..])
    } else {
        text
    };
    if !text.contains(char::is_control) {
        return text;
    }
    let mut visible = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        if char.is_control() { visible.extend(char.escape_default()) } else { visible.push(char) }
    }
    visible
}

const fn replacement(control: char) -> char {
    // The control characters beyond ASCII have two bytes.
    if control.is_ascii() { ' ' } else { '\u{b7}' }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        self.suggestion().map_or(Ok(()), |suggestion| suggestion.fmt(f))
    }
}

impl std::error::Error for Diagnostic {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_user_are_shown_without_control_characters_and_shortened() {
        let error = Diagnostic::new("a\u{1b}.toml", "k\u{9b}", "expected x, found `\n`");
        assert_eq!(error.to_string(), "a\\u{1b}.toml: k\\u{9b}: expected x, found `\\n`");
        let long = error.with_message(format!("unknown key `{}`; expected a", "ä".repeat(40_000)));
        assert!(long.message().len() < 5_000);
        assert!(long.message().starts_with("unknown key `ä") && long.message().ends_with("ä`; expected a"));
    }
}
