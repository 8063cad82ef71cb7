//! Values that are secret by their names.

use std::ops::Range;

use super::decoded::{Decoded, bytes_of, characters};

/// The words of which one in the name of a header, a query key or a member makes its value secret.
const SECRET_WORDS: [&str; 18] = [
    "apikey",
    "auth",
    "authorization",
    "authentication",
    "bearer",
    "cookie",
    "credential",
    "credentials",
    "jwt",
    "key",
    "passphrase",
    "password",
    "passwd",
    "pwd",
    "secret",
    "session",
    "sig",
    "signature",
];

/// The endings of words that make a value secret, as in `authtoken` and `sessionid`.
const SECRET_ENDINGS: [&str; 6] = ["token", "secret", "password", "apikey", "accesskey", "sessionid"];

/// The longest name that is read, in characters.
const NAME_CHARS_MAX: usize = 64;

/// The shortest value that a text may give to a secret member of JSON and that is removed, in characters.
const MEMBER_CHARS_MIN: usize = 8;

/// Whether a header, a query key or a member of a body of this name holds a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for character in name.chars() {
        let begins = !character.is_alphanumeric() || (character.is_uppercase() && was_lower);
        if begins {
            words.push(String::new());
        }
        if let (true, Some(word)) = (character.is_alphanumeric(), words.last_mut()) {
            word.extend(character.to_lowercase());
        }
        was_lower = character.is_lowercase();
    }
    words.iter().any(|word| {
        SECRET_WORDS.contains(&word.as_str()) || SECRET_ENDINGS.iter().any(|ending| word.ends_with(ending))
    })
}

/// Returns a path with `***` for the values of its secret query keys; templates are kept.
pub(crate) fn without_secret_query_values(path: &str) -> String {
    let Some((before, query)) = path.split_once('?') else { return path.to_owned() };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if is_secret_name(name) && !value.contains("{{") => format!("{name}=***"),
        _ => pair.to_owned(),
    });
    format!("{before}?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// Returns the values of secret query keys (`?api_key=…`) in a path.
pub(super) fn secret_query_values(path_and_query: &str) -> impl Iterator<Item = String> {
    let query = path_and_query.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let decode = |text: &str| decode_all(&text.replace('+', " "));
        is_secret_name(&decode(name)).then(|| decode(value))
    })
}

fn decode_all(text: &str) -> String {
    let layer = characters(text);
    let layer = super::decoded::decode(&layer).unwrap_or(layer);
    layer.iter().map(|decoded| decoded.character).collect()
}

/// Finds the values that a text gives to secret names, as in `?api_key=VALUE` and `"access_token": "VALUE"`; returns their
/// bytes.
pub(super) fn find_named_values(layer: &[Decoded]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (index, decoded) in layer.iter().enumerate() {
        let value = match decoded.character {
            '?' | '&' => query_value(layer, index + 1),
            '"' => member_value(layer, index + 1),
            _ => None,
        };
        found.extend(value.and_then(|value| bytes_of(layer, value)));
    }
    found
}

/// Reads a name at `start`, and returns its end if it is that of a secret.
fn secret_name_end(layer: &[Decoded], start: usize) -> Option<usize> {
    let is_of_name = |character: char| character.is_ascii_alphanumeric() || "_-.[]".contains(character);
    let name = layer.get(start..)?.iter().take(NAME_CHARS_MAX).map(|decoded| decoded.character);
    let name: String = name.take_while(|character| is_of_name(*character)).collect();
    is_secret_name(&name).then_some(start + name.len())
}

fn query_value(layer: &[Decoded], start: usize) -> Option<Range<usize>> {
    let end = secret_name_end(layer, start)?;
    let is_assigned = layer.get(end)?.character == '=';
    let is_of_value = |character: char| !character.is_whitespace() && !"&#\"'<>`)\\".contains(character);
    let length = layer.get(end + 1..)?.iter().take_while(|decoded| is_of_value(decoded.character)).count();
    (is_assigned && length > 0).then(|| end + 1..end + 1 + length)
}

fn member_value(layer: &[Decoded], start: usize) -> Option<Range<usize>> {
    let end = secret_name_end(layer, start)?;
    let mut rest = layer.iter().enumerate().skip(end).filter(|(_, decoded)| decoded.character != ' ');
    for expected in ['"', ':', '"'] {
        if rest.next()?.1.character != expected {
            return None;
        }
    }
    let (first, _) = rest.next()?;
    let value = layer.get(first..)?.iter().take_while(|decoded| decoded.character != '"');
    let length = value.take_while(|decoded| !decoded.character.is_whitespace()).count();
    (length >= MEMBER_CHARS_MIN).then(|| first..first + length)
}
