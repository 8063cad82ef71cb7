//! The words of a query.

use std::{iter::Peekable, str::CharIndices};

/// A piece of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word<'a> {
    /// A keyword, a number, or a name, perhaps in double quotes or backticks.
    Name(&'a str),
    /// A text in single quotes.
    Text,
    Sign(char),
}

/// A quote or a comment without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what begins with {0} at byte {1} has no end")]
pub(in super::super) struct Unended(&'static str, usize);

/// Takes a query apart. Comments and white space are left out.
pub(super) fn words(query: &str) -> Result<Vec<Word<'_>>, Unended> {
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
                words.push(Word::Text);
            }
            ('"', _) => words.push(Word::Name(quoted(query, &mut chars, start, "\"")?)),
            ('`', _) => words.push(Word::Name(quoted(query, &mut chars, start, "`")?)),
            (char, _) if is_part(char) => {
                skip_while(&mut chars, is_part);
                let end = chars.peek().map_or(query.len(), |(at, _)| *at);
                words.push(Word::Name(query.get(start..end).unwrap_or_default()));
            }
            (char, _) if char.is_whitespace() => {}
            (sign, _) => words.push(Word::Sign(sign)),
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

/// What stands up to the next `quote`. One that is doubled ends a text and begins another: all the same here.
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
    fn names_texts_signs_and_comments_are_told_apart() {
        let query = "SELECT \"a\", 'x -- y'/* from */ FROM `t` -- limit 5\n;";
        let name = Word::Name;
        let expected = [
            name("SELECT"),
            name("a"),
            Word::Sign(','),
            Word::Text,
            name("FROM"),
            name("t"),
            Word::Sign(';'),
        ];
        assert_eq!(words(query).unwrap(), expected);
    }

    #[test]
    fn what_has_no_end_is_told_with_its_place() {
        let fault = |query| words(query).unwrap_err().to_string();
        insta::assert_snapshot!(fault("SELECT 'x"), @"what begins with ' at byte 7 has no end");
        insta::assert_snapshot!(fault("SELECT /* x"), @"what begins with /* at byte 7 has no end");
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart_or_refused(text in "\\PC{0,40}|[-'\"`/*;a ]{0,30}") {
            let _ = words(&text);
        }
    }
}
