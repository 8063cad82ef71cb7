//! Finds secrets in a text, also escaped or cut short, and removes them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::decoded::{Decoded, bytes_of, characters, decode};
use super::named::find_named_values;

/// A piece of a secret of this many characters is removed wherever it appears.
const PIECE_CHARS: usize = 8;

/// A piece of a secret of this many characters is removed where the text shows that the secret was cut.
const CUT_CHARS_MIN: usize = 4;

/// Shorter values are not secret, and removing them would make texts unreadable.
const SECRET_CHARS_MIN: usize = 3;

/// How many times a text may have been escaped.
const LAYERS_MAX: usize = 4;

/// Texts are cut to this many characters before they are searched. Reports show fewer.
const TEXT_CHARS_MAX: usize = 8192;

type Piece = [char; PIECE_CHARS];

/// Removes secrets from texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redactor {
    /// All pieces of the long secrets.
    pieces: HashSet<Piece>,
    long: Vec<Vec<char>>,
    /// Secrets of fewer characters than a piece has; they are removed if they are not part of a word.
    short: Vec<Vec<char>>,
}

impl Redactor {
    pub(crate) fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut redactor = Self::default();
        let secrets: HashSet<String> = secrets.into_iter().collect();
        for secret in secrets {
            let secret: Vec<char> = secret.trim().chars().map(normal).collect();
            if secret.len() >= PIECE_CHARS {
                redactor
                    .pieces
                    .extend(secret.windows(PIECE_CHARS).filter_map(|window| Piece::try_from(window).ok()));
                redactor.long.push(secret);
            } else if secret.len() >= SECRET_CHARS_MIN {
                redactor.short.push(secret);
            }
        }
        redactor
    }

    /// Returns the text with `***` for each secret.
    pub(super) fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let cut = text.char_indices().nth(TEXT_CHARS_MAX);
        let text = cut.and_then(|(end, _)| text.get(..end)).unwrap_or(text);
        let mut found = Vec::new();
        let mut layer = characters(text);
        for _ in 0..LAYERS_MAX {
            self.find(&layer, &mut found);
            found.extend(find_named_values(&layer));
            match decode(&layer) {
                Some(decoded) => layer = decoded,
                None => break,
            }
        }
        if found.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(replace(text, found)) }
    }

    /// Finds the secrets in a text whose escapes are decoded; returns their bytes in the original text.
    fn find(&self, layer: &[Decoded], found: &mut Vec<Range<usize>>) {
        if self.long.is_empty() && self.short.is_empty() {
            return;
        }
        let text: Vec<char> = layer.iter().map(|decoded| normal(decoded.character)).collect();
        let pieces = text.windows(PIECE_CHARS).enumerate().filter(|(_, window)| self.is_piece(window));
        let pieces = pieces.map(|(start, _)| start..start + PIECE_CHARS);
        let short = self.short.iter().flat_map(|secret| find_word(&text, secret));
        let cut = (0..=text.len()).filter(|at| is_cut(&text, *at)).flat_map(|at| self.cut_pieces(&text, at));
        found.extend(pieces.chain(short).chain(cut).filter_map(|range| bytes_of(layer, range)));
    }

    fn is_piece(&self, window: &[char]) -> bool {
        Piece::try_from(window).is_ok_and(|piece| self.pieces.contains(&piece))
    }

    /// Returns the ends of a secret next to a cut at `at`.
    fn cut_pieces(&self, text: &[char], at: usize) -> Vec<Range<usize>> {
        let (before, after) = text.split_at(at);
        let mut pieces = Vec::new();
        for secret in &self.long {
            for length in CUT_CHARS_MIN..PIECE_CHARS {
                let (start, end) = (secret.get(..length), secret.get(secret.len() - length..));
                if start.is_some_and(|start| before.ends_with(start)) {
                    pieces.push(at - length..at);
                }
                if end.is_some_and(|end| after.starts_with(end)) {
                    pieces.push(at..at + length);
                }
            }
        }
        pieces
    }
}

/// Spaces of a query may be written as `+`.
fn normal(character: char) -> char {
    if character == '+' { ' ' } else { character }
}

/// Whether a secret before or after this place may be cut: at the end of the text and at an ellipsis or stars.
fn is_cut(text: &[char], at: usize) -> bool {
    let is_mark = |character: char| matches!(character, '…' | '*' | '\u{fffd}');
    let (before, after) = text.split_at(at);
    after.is_empty()
        || after.first().is_some_and(|next| is_mark(*next))
        || before.last().is_some_and(|last| is_mark(*last))
        || after.starts_with(&['.', '.'])
        || before.ends_with(&['.', '.'])
}

/// Finds a word that is not part of a longer one.
fn find_word(text: &[char], word: &[char]) -> impl Iterator<Item = Range<usize>> {
    let is_letter = |character: Option<&char>| character.is_some_and(|character| character.is_alphanumeric());
    let starts = text.windows(word.len()).enumerate().filter(move |(_, window)| *window == word);
    let ranges = starts.map(|(start, window)| start..start + window.len());
    ranges.filter(move |range| {
        let before = range.start.checked_sub(1).and_then(|index| text.get(index));
        !is_letter(before) && !is_letter(text.get(range.end))
    })
}

/// Replaces the bytes of all ranges, which may overlap.
fn replace(text: &str, mut ranges: Vec<Range<usize>>) -> String {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut redacted = String::with_capacity(text.len());
    let mut copied = 0;
    for range in ranges {
        let is_new = range.start > copied || copied == 0;
        if is_new {
            redacted.push_str(text.get(copied..range.start).unwrap_or_default());
            redacted.push_str("***");
        }
        copied = copied.max(range.end);
    }
    redacted.push_str(text.get(copied..).unwrap_or_default());
    redacted
}
