//! Pre-tokenization: a text is cut into pieces, and no token crosses from one piece into the next.

/// Characters per block of [`CLASSES`].
const BLOCK: usize = 128;
/// For each block of characters the index of its classes.
static BLOCKS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/class_blocks.bin"));
static CLASSES: &[[u8; BLOCK]] = include_bytes!(concat!(env!("OUT_DIR"), "/classes.bin")).as_chunks().0;

/// What the pattern distinguishes; the build script numbers the classes in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Other,
    /// `\r` or `\n`
    LineBreak,
    /// `\s`, other than line breaks
    Space,
    /// `\p{N}`
    Number,
    /// `\p{Lu}` or `\p{Lt}`
    Upper,
    /// `\p{Ll}`
    Lower,
    /// `\p{Lm}` or `\p{Lo}`
    Caseless,
    /// `\p{M}`
    Mark,
}

impl Class {
    fn of(character: char) -> Self {
        let code = character as usize;
        let block = BLOCKS.get(code / BLOCK).copied().unwrap_or(0);
        match CLASSES.get(usize::from(block)).and_then(|classes| classes.get(code % BLOCK)) {
            Some(1) => Self::LineBreak,
            Some(2) => Self::Space,
            Some(3) => Self::Number,
            Some(4) => Self::Upper,
            Some(5) => Self::Lower,
            Some(6) => Self::Caseless,
            Some(7) => Self::Mark,
            _ => Self::Other,
        }
    }

    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
    const fn starts_word(self) -> bool {
        matches!(self, Self::Upper | Self::Caseless | Self::Mark)
    }

    /// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
    const fn ends_word(self) -> bool {
        matches!(self, Self::Lower | Self::Caseless | Self::Mark)
    }

    /// `[^\r\n\p{L}\p{N}]`
    const fn precedes_word(self) -> bool {
        matches!(self, Self::Other | Self::Space | Self::Mark)
    }

    /// `[^\s\p{L}\p{N}]`
    const fn is_symbol(self) -> bool {
        matches!(self, Self::Other | Self::Mark)
    }

    const fn is_space(self) -> bool {
        matches!(self, Self::Space | Self::LineBreak)
    }
}

/// The pieces of a text, as the pattern of `o200k_base` in `tiktoken_ext/openai_public.py` cuts it:
///
/// ```text
/// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
/// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
/// \p{N}{1,3}
///  ?[^\s\p{L}\p{N}]+[\r\n/]*
/// \s*[\r\n]+
/// \s+(?!\S)
/// \s+
/// ```
///
/// A scanner by hand, unlike the regular expression, needs no time to be compiled and no memory.
#[derive(Debug)]
pub(super) struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Pieces<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { rest: text }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let first = self.rest.chars().next()?;
        let len = piece_len(self.rest, first);
        let (piece, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(piece)
    }
}

/// The length in bytes of the piece at the start of `text`, whose first character is `first`.
fn piece_len(text: &str, first: char) -> usize {
    let class = Class::of(first);
    if class.precedes_word() {
        // The character before a word is optional; a mark without a word after it is a word of one character.
        let after = first.len_utf8();
        match word_len(text, after) {
            Some(len) if !(class == Class::Mark && len.is_upper) => return len.bytes,
            _ if class == Class::Mark => return after + contraction_len(text, after),
            _ => {}
        }
    } else if let Some(len) = word_len(text, 0) {
        return len.bytes;
    }
    if class == Class::Number {
        return run_len(text.char_indices().take(3), Class::Number);
    }
    let symbols = if first == ' ' { 1 } else { 0 };
    symbols_len(text, symbols).unwrap_or_else(|| spaces_len(text))
}

struct WordLen {
    bytes: usize,
    /// The word has capital letters only: the second line of the pattern matches, not the first.
    is_upper: bool,
}

/// Where a word that begins at `start` ends, its contraction included.
fn word_len(text: &str, start: usize) -> Option<WordLen> {
    let mut end = start;
    let mut caseless_end = None;
    for character in tail(text, start).chars() {
        let class = Class::of(character);
        if !class.starts_word() {
            if class == Class::Lower {
                // Capital letters, then at least one small one.
                let end = lower_end(text, end);
                return Some(WordLen { bytes: end + contraction_len(text, end), is_upper: false });
            }
            break;
        }
        end += character.len_utf8();
        if class.ends_word() {
            caseless_end = Some(end);
        }
    }
    let is_upper = caseless_end.is_none();
    let end = caseless_end.unwrap_or(end);
    (end > start).then(|| WordLen { bytes: end + contraction_len(text, end), is_upper })
}

/// Where the run of characters that can end a word stops, from `start` on.
fn lower_end(text: &str, start: usize) -> usize {
    let rest = tail(text, start);
    let len = rest.char_indices().find(|(_, character)| !Class::of(*character).ends_word());
    start + len.map_or(rest.len(), |(index, _)| index)
}

/// The length of `(?i:'s|'t|'re|'ve|'m|'ll|'d)` at `start`, zero where there is none.
fn contraction_len(text: &str, start: usize) -> usize {
    let mut characters = tail(text, start).chars();
    if characters.next() != Some('\'') {
        return 0;
    }
    // The long s is an s in another case.
    match (characters.next().map(|character| character.to_ascii_lowercase()), characters.next()) {
        (Some('s' | 't' | 'm' | 'd'), _) => 2,
        (Some('\u{17f}'), _) => 3,
        (Some('r' | 'v'), Some('e' | 'E')) | (Some('l'), Some('l' | 'L')) => 3,
        _ => 0,
    }
}

/// The length of ` ?[^\s\p{L}\p{N}]+[\r\n/]*`, of which `start` bytes are read.
fn symbols_len(text: &str, start: usize) -> Option<usize> {
    let rest = tail(text, start);
    let len = rest.char_indices().find(|(_, character)| !Class::of(*character).is_symbol());
    let len = len.map_or(rest.len(), |(index, _)| index);
    let breaks = tail(rest, len).bytes().take_while(|byte| matches!(byte, b'\r' | b'\n' | b'/')).count();
    (len > 0).then_some(start + len + breaks)
}

/// The length of a piece of white space: up to the last line break in it; or else without its last character, which
/// belongs to what follows.
fn spaces_len(text: &str) -> usize {
    let (mut end, mut last, mut after_break) = (0, 0, 0);
    for character in text.chars() {
        let class = Class::of(character);
        if !class.is_space() {
            break;
        }
        last = end;
        end += character.len_utf8();
        if class == Class::LineBreak {
            after_break = end;
        }
    }
    match (after_break, last) {
        (1.., _) => after_break,
        (0, 1..) if end < text.len() => last,
        _ => end,
    }
}

fn run_len(characters: impl Iterator<Item = (usize, char)>, class: Class) -> usize {
    characters
        .take_while(|(_, character)| Class::of(*character) == class)
        .last()
        .map_or(0, |(index, character)| index + character.len_utf8())
}

fn tail(text: &str, start: usize) -> &str {
    text.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"^(?:[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|(?P<spaces>\s+))",
        ))
        .unwrap()
    });

    /// The published pattern, with `\s+(?!\S)` done by hand, because the crate `regex` does not look ahead.
    fn reference(text: &str) -> Vec<&str> {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some(found) = PATTERN.captures(rest) {
            let mut len = found.get(0).unwrap().len();
            if let Some(spaces) = found.name("spaces")
                && len < rest.len()
                && spaces.as_str().chars().count() > 1
            {
                len -= spaces.as_str().chars().next_back().unwrap().len_utf8();
            }
            let (piece, tail) = rest.split_at(len);
            pieces.push(piece);
            rest = tail;
        }
        pieces
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn pieces_of_any_text_are_those_of_the_published_pattern(
            text in "([a-cA-C'sSlLrRvVeE\u{17f} \t\r\n/.1\u{301}\u{1c5}\u{2b0}\u{4e2d}\u{85}\u{a0}\u{3000}]|\\PC){0,24}"
        ) {
            prop_assert_eq!(Pieces::new(&text).collect::<Vec<_>>(), reference(&text));
        }
    }
}
