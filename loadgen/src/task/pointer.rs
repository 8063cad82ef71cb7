//! A place in a JSON document.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

/// An RFC 6901 pointer, such as `/choices/0/text`; the empty one is the whole document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointer {
    text: String,
    steps: Arc<[String]>,
}

/// A text that is no pointer.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is no JSON pointer: {needed}")]
pub(crate) struct PointerError {
    text: String,
    needed: &'static str,
}

impl Pointer {
    /// Checks a pointer.
    ///
    /// # Errors
    ///
    /// It does not begin with a slash, or holds a tilde that stands for nothing.
    pub(crate) fn parse(text: &str) -> Result<Self, PointerError> {
        let refusal = |needed| Err(PointerError { text: text.to_owned(), needed });
        if !text.is_empty() && !text.starts_with('/') {
            return refusal("it begins with a slash, as in \"/choices/0/text\"");
        }
        let mut after_tildes = text.split('~').skip(1);
        if after_tildes.any(|after| !after.starts_with(['0', '1'])) {
            return refusal("a tilde is written ~0, and a slash within a name ~1");
        }
        let steps = text.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
        Ok(Self { text: text.to_owned(), steps: steps.collect() })
    }

    /// What stands there in a document.
    pub(crate) fn find<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        document.pointer(&self.text)
    }

    /// The names, or the numbers of items, that lead there.
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
    fn finds_what_it_points_at() {
        let document = json!({ "a": [{ "b/c": 1, "~": 2 }] });
        let find = |pointer: &str| Pointer::parse(pointer).unwrap().find(&document).cloned();
        assert_eq!(find("/a/0/b~1c"), Some(json!(1)));
        assert_eq!(find("/a/0/~0"), Some(json!(2)));
        assert_eq!(find("/a/1"), None);
        assert_eq!(find(""), Some(document.clone()));
    }

    #[test]
    fn says_what_a_pointer_is() {
        let refusal = |text| Pointer::parse(text).unwrap_err().to_string();
        insta::assert_snapshot!(refusal("a/b"), @r#"`a/b` is no JSON pointer: it begins with a slash, as in "/choices/0/text""#);
        insta::assert_snapshot!(refusal("/a~2"), @"`/a~2` is no JSON pointer: a tilde is written ~0, and a slash within a name ~1");
    }
}
