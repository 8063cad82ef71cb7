//! The path of a key as users read it: `user.u.task[0].request.path`.

use std::fmt::Write as _;

/// Appends a key. One that begins with `[` is an index.
pub(super) fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() && !key.starts_with('[') {
        path.push('.');
    }
    // Keys come from the file.
    let escaped = key.chars().any(char::is_control);
    if escaped { path.extend(key.escape_debug()) } else { path.push_str(key) }
}

pub(super) fn push_index(path: &mut String, index: usize) {
    // Writing to a `String` cannot fail.
    let _ = write!(path, "[{index}]");
}

/// The key within a value that an error of this crate's distributions begins with, and the rest: they are read as a
/// whole and written as `mix[1].normal.sd: …`.
pub(super) fn split_inner_key(message: &str) -> Option<(&str, &str)> {
    let (key, rest) = message.split_once(": ")?;
    let is_key = key.starts_with(|c: char| c.is_ascii_lowercase() || c == '[')
        && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.[]".contains(c));
    is_key.then_some((key, rest))
}
