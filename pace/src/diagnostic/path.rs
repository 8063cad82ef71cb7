//! The path of a key as users read it: `user.u.task[0].request.path`.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
};

/// The path of a value within a document. Displayed as TOML writes it: `user."a b".task[0].name`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyPath(Vec<KeySegment>);

/// One step of a [`KeyPath`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySegment {
    /// The key of a table.
    Key(String),
    /// The index of a list's element, from 0.
    Index(usize),
}

impl KeyPath {
    /// The steps, the outermost first.
    pub fn segments(&self) -> &[KeySegment] {
        &self.0
    }

    /// Whether this is the path of the document as a whole.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same path, within the value of `key`.
    #[must_use]
    pub fn within(mut self, key: &str) -> Self {
        self.0.insert(0, KeySegment::Key(key.to_owned()));
        self
    }

    pub(super) fn push_key(&mut self, key: &str) {
        self.0.push(KeySegment::Key(key.to_owned()));
    }

    pub(super) fn push_path(&mut self, path: Self) {
        self.0.extend(path.0);
    }
}

impl From<Vec<KeySegment>> for KeyPath {
    /// The path of these steps, the outermost first.
    fn from(steps: Vec<KeySegment>) -> Self {
        Self(steps)
    }
}

impl From<&str> for KeyPath {
    /// The path of one key of the document.
    fn from(key: &str) -> Self {
        Self(vec![KeySegment::Key(key.to_owned())])
    }
}

impl From<KeyPath> for String {
    fn from(path: KeyPath) -> Self {
        path.to_string()
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, segment) in self.0.iter().enumerate() {
            match segment {
                KeySegment::Key(key) => {
                    let separator = if place == 0 { "" } else { "." };
                    write!(f, "{separator}{}", quote_key(key))?;
                }
                KeySegment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Returns `key` as TOML writes it: in quotes unless it consists of ASCII letters, digits, `_` and `-`.
pub fn quote_key(key: &str) -> Cow<'_, str> {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(is_bare) {
        return Cow::Borrowed(key);
    }
    let mut quoted = String::from('"');
    for character in key.chars() {
        // Writing to a `String` cannot fail.
        let _ = match character {
            '"' | '\\' => write!(quoted, "\\{character}"),
            control if control.is_control() => write!(quoted, "\\u{:04x}", u32::from(control)),
            other => write!(quoted, "{other}"),
        };
    }
    quoted.push('"');
    Cow::Owned(quoted)
}

/// The path within a value that an error of this crate's distributions begins with, and the rest: they are read as a
/// whole and written as `mix[1].normal.sd: …`.
pub(super) fn split_inner_path(message: &str) -> Option<(KeyPath, &str)> {
    let (path, rest) = message.split_once(": ")?;
    let is_path = path.starts_with(|c: char| c.is_ascii_lowercase() || c == '[')
        && path.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.[]".contains(c));
    if !is_path {
        return None;
    }
    let segment = |text: &str| {
        let key = || KeySegment::Key(text.to_owned());
        text.parse().map_or_else(|_| key(), KeySegment::Index)
    };
    let segments = path.split(['.', '[', ']']).filter(|text| !text.is_empty()).map(segment);
    Some((KeyPath(segments.collect()), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quote_key_quotes_what_toml_does_not_read_bare() {
        let cases = [
            ("plain-key_1", "plain-key_1"),
            ("gpt-4.1", "\"gpt-4.1\""),
            ("two words", "\"two words\""),
            ("grün", "\"grün\""),
            ("", "\"\""),
            ("a\"b\\c\n\u{7f}", r#""a\"b\\c\u000a\u007f""#),
        ];
        for (key, quoted) in cases {
            assert_eq!(quote_key(key), quoted);
            let table: toml::Table = toml::from_str(&format!("{quoted} = 1")).unwrap();
            assert_eq!(table.keys().next().map(String::as_str), Some(key));
        }
    }

    #[test]
    fn split_inner_path_reads_keys_and_indexes() {
        let (path, rest) = split_inner_path("mix[1].normal.sd: must be positive").unwrap();
        assert_eq!((path.to_string().as_str(), rest), ("mix[1].normal.sd", "must be positive"));
        assert_eq!(path.segments().get(1), Some(&KeySegment::Index(1)));
        assert_eq!(split_inner_path("Not a path: x"), None);
    }
}
