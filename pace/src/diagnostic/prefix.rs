//! The part of a TOML text that is parsed.
//!
//! The parser continues after an error, and nests without limit there: one table that is not closed makes it forget how
//! deeply it is. So it gets no more than a few tokens after the first error.

use std::cell::Cell;

use toml_parser::{
    ErrorSink, ParseError, Source, Span,
    parser::{EventReceiver, RecursionGuard, parse_document},
};

/// The deepest nesting of lists and inline tables, as in `toml`.
const NESTING_MAX: u32 = 80;
/// The number of tokens after the first error. Those that the message depends on are among them.
const TOKENS_AFTER_ERROR: usize = 64;

/// Nests no deeper after the first error.
struct UntilError<'a> {
    has_error: &'a Cell<bool>,
}

impl EventReceiver for UntilError<'_> {
    fn inline_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) -> bool {
        !self.has_error.get()
    }

    fn array_open(&mut self, _: Span, _: &mut dyn ErrorSink) -> bool {
        !self.has_error.get()
    }
}

/// Returns the text up to a little after its first syntax error, or all of it if it has none. Both have the same first
/// error.
pub(super) fn up_to_first_error(text: &str) -> &str {
    let tokens = Source::new(text).lex().into_vec();
    let has_error = Cell::new(false);
    let mut error_end = 0;
    let mut note_error = |error: ParseError| {
        if !has_error.replace(true) {
            error_end = error.unexpected().or(error.context()).map_or(text.len(), |span| span.end());
        }
    };
    let mut receiver = UntilError { has_error: &has_error };
    parse_document(&tokens, &mut RecursionGuard::new(&mut receiver, NESTING_MAX), &mut note_error);
    if !has_error.get() {
        return text;
    }
    let after = tokens.iter().map(|token| token.span().start()).filter(|start| *start >= error_end);
    after.skip(TOKENS_AFTER_ERROR).find_map(|end| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_text_is_parsed_whole() {
        let text = "a = [1, { b = '}', c = \"]\" }]\n[t]\n'k.k' = '''\n{{{\n'''\n".repeat(3);
        assert_eq!(up_to_first_error(&text), text);
    }

    #[test]
    fn text_after_an_error_is_cut() {
        let text = format!("a = 1\nb = {{ c = 1 d = 2 }}\n{}", "e = [{ f = [] }]\n".repeat(1000));
        let cut = up_to_first_error(&text);
        assert!(cut.len() < 500 && text.starts_with(cut), "{}", cut.len());
        let error = |text: &str| toml::de::DeTable::parse(text).unwrap_err().to_string();
        assert_eq!(error(cut).lines().last(), error(&text).lines().last());
    }

    /// Each repetition has a table that is closed once too often for the parser, which then nests without limit.
    #[test]
    fn nesting_after_an_error_does_not_overflow_the_stack() {
        let unclosed = "c = { k = \"x = [\"10s\"]\n[[u]]\nk = { j = { \"/d\" = { e = true } } }\n\n[u.r]\nb = { p = \"q\", t = 1 }\n";
        for text in [
            unclosed.repeat(20_000),
            "a = { b = {".repeat(20_000),
            "a = { } } ".repeat(9).repeat(9) + &"[{".repeat(20_000),
        ] {
            assert!(toml::de::DeTable::parse(up_to_first_error(&text)).is_err());
        }
    }
}
