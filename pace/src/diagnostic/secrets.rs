//! Which lines of a file may hold a secret: they are never shown.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::path::quote_key;

/// Keys whose names contain one of these words.
const WORDS: [&str; 10] = [
    "secret",
    "passw",
    "authorization",
    "cookie",
    "credential",
    "api_key",
    "api-key",
    "apikey",
    "bearer",
    "private",
];
/// Tables and keys of exactly these names.
const NAMES: [&str; 5] = ["key", "keys", "headers", "token", "connectors"];
/// `secert` and `api_kye` are this similar to what was meant; `seed` is not.
const MISSPELT_SIMILARITY_MIN: f64 = 0.9;

/// Whether the value at this key may be secret. A misspelt key counts if its nearest known name does.
pub(super) fn is_secret_key(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    WORDS.iter().any(|word| path.contains(word))
        || path.split(['.', '[', ']', '"']).any(is_secret_name)
        || path.rsplit('.').next().is_some_and(|name| is_misspelt_secret(name.trim_matches('"')))
}

fn is_misspelt_secret(name: &str) -> bool {
    WORDS.iter().any(|word| strsim::jaro_winkler(word, name) >= MISSPELT_SIMILARITY_MIN)
}

fn is_secret_name(name: &str) -> bool {
    NAMES.contains(&name) || name.ends_with("_token") || name.ends_with("-token") || name.ends_with("_key")
}

/// Whether the value at this key must not be repeated in a message: unlike [`is_secret_key`], not for the settings of an
/// API key that are none, such as its limits.
pub(super) fn is_secret_value(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let last = path.rsplit('.').next().unwrap_or_default();
    is_secret_key(last) || path.split('.').any(|table| matches!(table, "headers" | "connectors"))
}

/// Whether a value on the lines of `span` may be secret.
pub(super) fn line_holds_secret(root: &DeTable<'_>, text: &str, span: &Range<usize>) -> bool {
    let line = line_of(text, span.start);
    text.get(line.clone()).is_none_or(looks_secret) || table_holds_secret(root, "", &line)
}

/// Whether the text up to the end of the line of `span` may hold a secret there. For a text that is not TOML, whose keys
/// are not known: any mention of a word on the line, and any line within a text of several lines.
pub(super) fn text_may_hold_secret(text: &str, span: &Range<usize>) -> bool {
    let line = line_of(text, span.start);
    let before = text.get(..line.start).unwrap_or_default();
    let is_within_text = ["'''", "\"\"\""].iter().any(|quotes| before.matches(quotes).count() % 2 == 1);
    let table = before.lines().rev().find(|line| line.trim_start().starts_with('[')).unwrap_or_default();
    let shown = text.get(line).unwrap_or_default();
    let keys = [table, shown.split('=').next().unwrap_or_default()];
    is_within_text || looks_secret(shown) || keys.iter().any(|key| is_secret_key(key.trim()))
}

/// Whether a line shows a secret whatever its key: a bearer token, a provider's key or a URL with a password.
fn looks_secret(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let has_password = lower.split("://").skip(1).any(|rest| {
        rest.split(['/', '"', '\'', ' ', '?']).next().is_some_and(|authority| authority.contains('@'))
    });
    has_password || lower.contains("sk-") || WORDS.iter().any(|word| lower.contains(word))
}

fn line_of(text: &str, offset: usize) -> Range<usize> {
    let offset = super::report::char_boundary(text, offset);
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |newline| offset + newline);
    start..end
}

fn table_holds_secret(table: &DeTable<'_>, path: &str, line: &Range<usize>) -> bool {
    table
        .iter()
        .any(|(name, value)| value_is_secret(value, &format!("{path}.{}", quote_key(name.get_ref())), line))
}

fn value_is_secret(value: &Spanned<DeValue<'_>>, path: &str, line: &Range<usize>) -> bool {
    match value.get_ref() {
        DeValue::Table(table) => table_holds_secret(table, path, line),
        DeValue::Array(items) => items
            .iter()
            .enumerate()
            .any(|(index, item)| value_is_secret(item, &format!("{path}[{index}]"), line)),
        _ => {
            let span = value.span();
            span.start < line.end && line.start < span.end && is_secret_key(path)
        }
    }
}
