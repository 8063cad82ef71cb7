//! A text with its escapes decoded; each character refers to the bytes that it was decoded from.

use std::ops::Range;

/// The longest reference of HTML that is decoded, as in `&#x1F600;`, in characters.
const REFERENCE_CHARS_MAX: usize = 10;

/// A character, and its bytes in the original text.
#[derive(Copy, Clone, Debug)]
pub(super) struct Decoded {
    pub(super) character: char,
    start: usize,
    end: usize,
}

/// Returns the characters of a text as they are.
pub(super) fn characters(text: &str) -> Vec<Decoded> {
    let of =
        |(start, character): (usize, char)| Decoded { character, start, end: start + character.len_utf8() };
    text.char_indices().map(of).collect()
}

/// Returns the bytes of the original text that these characters were decoded from.
pub(super) fn bytes_of(layer: &[Decoded], range: Range<usize>) -> Option<Range<usize>> {
    let piece = layer.get(range)?;
    Some(piece.first()?.start..piece.last()?.end)
}

/// Decodes the escapes of JSON, of URLs and of HTML once; `None` if there are none.
pub(super) fn decode(layer: &[Decoded]) -> Option<Vec<Decoded>> {
    if !layer.iter().any(|decoded| matches!(decoded.character, '\\' | '%' | '&')) {
        return None;
    }
    let mut decoded = Vec::with_capacity(layer.len());
    let (mut rest, mut is_changed) = (layer, false);
    while let Some(first) = rest.first() {
        let escape = match first.character {
            '\\' => backslash(rest),
            '%' => percent(rest),
            '&' => reference(rest),
            _ => None,
        };
        let (character, length) = escape.unwrap_or((first.character, 1));
        is_changed |= escape.is_some();
        let (taken, after) = rest.split_at(length.min(rest.len()));
        let end = taken.last().map_or(first.end, |last| last.end);
        decoded.push(Decoded { character, start: first.start, end });
        rest = after;
    }
    is_changed.then_some(decoded)
}

fn at(rest: &[Decoded], index: usize) -> Option<char> {
    rest.get(index).map(|decoded| decoded.character)
}

/// Reads digits of a hexadecimal number at `from`.
fn hex(rest: &[Decoded], from: usize, digits: usize) -> Option<u32> {
    let digits = rest.get(from..from + digits)?.iter().map(|decoded| decoded.character.to_digit(16));
    digits.into_iter().try_fold(0, |number, digit| Some(number << 4 | digit?))
}

/// Decodes an escape of JSON or of a programming language: the character, and the length of the escape.
fn backslash(rest: &[Decoded]) -> Option<(char, usize)> {
    let plain = |character| Some((character, 2));
    match at(rest, 1)? {
        'n' => plain('\n'),
        'r' => plain('\r'),
        't' => plain('\t'),
        same @ ('"' | '\'' | '\\' | '/') => plain(same),
        'x' => Some((char::from_u32(hex(rest, 2, 2)?)?, 4)),
        'u' if at(rest, 2) == Some('{') => {
            let length =
                rest.iter().take(REFERENCE_CHARS_MAX).position(|decoded| decoded.character == '}')?;
            Some((char::from_u32(hex(rest, 3, length.checked_sub(3)?)?)?, length + 1))
        }
        'u' => {
            let unit = hex(rest, 2, 4)?;
            if let Some(character) = char::from_u32(unit) {
                return Some((character, 6));
            }
            let is_pair = (at(rest, 6), at(rest, 7)) == (Some('\\'), Some('u'));
            let units = [u16::try_from(unit).ok()?, u16::try_from(hex(rest, 8, 4)?).ok()?];
            let character = char::decode_utf16(units).next()?.ok()?;
            is_pair.then_some((character, 12))
        }
        _ => None,
    }
}

/// Decodes a character of a URL, which is one to four bytes, each as `%` and two digits.
fn percent(rest: &[Decoded]) -> Option<(char, usize)> {
    let byte = |index: usize| match at(rest, index * 3) {
        Some('%') => u8::try_from(hex(rest, index * 3 + 1, 2)?).ok(),
        _ => None,
    };
    let length = match byte(0)? {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    };
    let bytes: Vec<u8> = (0..length).map(byte).collect::<Option<_>>()?;
    let character = std::str::from_utf8(&bytes).ok()?.chars().next()?;
    Some((character, length * 3))
}

/// Decodes a reference of HTML or XML.
fn reference(rest: &[Decoded]) -> Option<(char, usize)> {
    let length = rest.iter().take(REFERENCE_CHARS_MAX).position(|decoded| decoded.character == ';')?;
    let name: String = rest.get(1..length)?.iter().map(|decoded| decoded.character).collect();
    let character = match name.as_str() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "sol" => '/',
        "equals" => '=',
        "plus" => '+',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((character, length + 1))
}
