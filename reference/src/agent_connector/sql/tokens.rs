//! The tokens of a query.

use std::{iter::Peekable, str::CharIndices};

/// A token of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SqlToken<'a> {
    /// A keyword, a number, or a name, optionally in double quotes or backticks.
    Name(&'a str),
    /// A text in single quotes.
    Text,
    Sign(char),
}

/// A quote or a comment without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what begins with {0} at byte {1} has no end")]
pub(in super::super) struct Unended(&'static str, usize);

/// Splits a query into tokens, without comments and white space.
pub(super) fn words(query: &str) -> Result<Vec<SqlToken<'_>>, Unended> {
    let mut words = Vec::new();
    let mut chars = query.char_indices().peekable();
    while let Some((start, first)) = chars.next() {
        let second = chars.peek().map(|(_, second)| *second);
        match (first, second) {
            ('-', Some('-')) => skip_while(&mut chars, |char| char != '\n'),
            ('/', Some('*')) => {
                let inside = query.get(start + 2..).unwrap_or_default();
                let length = inside.find("*/").ok_or(Unended("/*", start))?;
                while chars.next_if(|(at, _)| *at < start + 2 + length + 2).is_some() {}
            }
            ('\'', _) => {
                quoted(query, &mut chars, start, "'")?;
                words.push(SqlToken::Text);
            }
            ('"', _) => words.push(SqlToken::Name(quoted(query, &mut chars, start, "\"")?)),
            ('`', _) => words.push(SqlToken::Name(quoted(query, &mut chars, start, "`")?)),
            (char, _) if is_part(char) => {
                skip_while(&mut chars, is_part);
                let end = chars.peek().map_or(query.len(), |(at, _)| *at);
                words.push(SqlToken::Name(query.get(start..end).unwrap_or_default()));
            }
            (char, _) if char.is_whitespace() => {}
            (sign, _) => words.push(SqlToken::Sign(sign)),
        }
    }
    Ok(words)
}

fn is_part(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

fn skip_while(chars: &mut Peekable<CharIndices<'_>>, wanted: impl Fn(char) -> bool) {
    while chars.next_if(|(_, char)| wanted(*char)).is_some() {}
}

/// Reads up to the next `quote`. A doubled quote ends a text and begins another, which makes no difference here.
fn quoted<'a>(
    query: &'a str,
    chars: &mut Peekable<CharIndices<'_>>,
    start: usize,
    quote: &'static str,
) -> Result<&'a str, Unended> {
    let inside = query.get(start + 1..).unwrap_or_default();
    let (text, _) = inside.split_once(quote).ok_or(Unended(quote, start))?;
    while chars.next_if(|(at, _)| *at <= start + 1 + text.len()).is_some() {}
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_distinguish_names_texts_signs_and_comments() {
        let query = "SELECT \"a\", 'x -- y'/* from */ FROM `t` -- limit 5\n;";
        let name = SqlToken::Name;
        let expected = [
            name("SELECT"),
            name("a"),
            SqlToken::Sign(','),
            SqlToken::Text,
            name("FROM"),
            name("t"),
            SqlToken::Sign(';'),
        ];
        assert_eq!(words(query).unwrap(), expected);
    }

    #[test]
    fn words_of_unterminated_text_names_the_position() {
        let fault = |query| words(query).unwrap_err().to_string();
        insta::assert_snapshot!(fault("SELECT 'x"), @"what begins with ' at byte 7 has no end");
        insta::assert_snapshot!(fault("SELECT /* x"), @"what begins with /* at byte 7 has no end");
    }

    proptest! {
        #[test]
        fn words_of_any_text_never_panics(text in "\\PC{0,40}|[-'\"`/*;a ]{0,30}") {
            let _ = words(&text);
        }
    }
}
