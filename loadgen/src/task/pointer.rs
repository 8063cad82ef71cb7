//! JSON pointers.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

/// A JSON pointer (RFC 6901), such as `/choices/0/text`. The empty pointer refers to the whole document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointer {
    text: String,
    steps: Arc<[String]>,
}

/// A text is not a JSON pointer.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is not a JSON pointer: {reason}")]
pub(crate) struct PointerError {
    text: String,
    reason: &'static str,
}

impl Pointer {
    /// Parses a pointer.
    ///
    /// # Errors
    /// Fails if the text does not begin with a slash, or contains a tilde without 0 or 1.
    pub(crate) fn parse(text: &str) -> Result<Self, PointerError> {
        let error = |reason| Err(PointerError { text: text.to_owned(), reason });
        if !text.is_empty() && !text.starts_with('/') {
            return error("it must begin with a slash, as in \"/choices/0/text\"");
        }
        let mut after_tildes = text.split('~').skip(1);
        if after_tildes.any(|after| !after.starts_with(['0', '1'])) {
            return error("write a tilde as ~0, and a slash in a name as ~1");
        }
        let steps = text.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
        Ok(Self { text: text.to_owned(), steps: steps.collect() })
    }

    /// Returns the value at this pointer in a document.
    pub(crate) fn find<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        document.pointer(&self.text)
    }

    /// Returns the keys and indices of the path.
    pub(crate) fn steps(&self) -> &[String] {
        &self.steps
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn find_escaped_keys_and_indices_returns_value() {
        let document = json!({ "a": [{ "b/c": 1, "~": 2 }] });
        let find = |pointer: &str| Pointer::parse(pointer).unwrap().find(&document).cloned();
        assert_eq!(find("/a/0/b~1c"), Some(json!(1)));
        assert_eq!(find("/a/0/~0"), Some(json!(2)));
        assert_eq!(find("/a/1"), None);
        assert_eq!(find(""), Some(document.clone()));
    }

    #[test]
    fn parse_invalid_pointer_is_an_error() {
        let error = |text| Pointer::parse(text).unwrap_err().to_string();
        insta::assert_snapshot!(error("a/b"), @r#"`a/b` is not a JSON pointer: it must begin with a slash, as in "/choices/0/text""#);
        insta::assert_snapshot!(error("/a~2"), @"`/a~2` is not a JSON pointer: write a tilde as ~0, and a slash in a name as ~1");
    }
}
