//! File names from requests.

use super::error::BaselineError;

/// With extension and temporary suffix, below the 255 bytes of common file systems.
const NAME_BYTES_MAX: usize = 128;

/// A plain file name: not a path, and not hidden.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::agent_connector) struct FileName(String);

impl FileName {
    /// Checks `text`, the value of `key`.
    pub(in crate::agent_connector) fn read(key: &'static str, text: &str) -> Result<Self, BaselineError> {
        let message = if text.is_empty() {
            "it is empty"
        } else if text.len() > NAME_BYTES_MAX {
            "expected at most 128 bytes"
        } else if text.contains(['/', '\\', ':']) {
            "it must have none of / \\ :"
        } else if text.starts_with('.') {
            "it must not begin with a dot"
        } else if text.chars().any(char::is_control) {
            "it must have no control characters"
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(BaselineError::Name { key, value: text.chars().take(NAME_BYTES_MAX).collect(), message })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_of_paths_and_hidden_names_fails() {
        let long = "x".repeat(NAME_BYTES_MAX + 1);
        for text in [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "/etc/passwd",
            "a\\b",
            "..\\x",
            "C:x",
            "a\0b",
            "a\nb",
            ".hidden",
            &long,
        ] {
            assert!(FileName::read("file", text).is_err(), "{text:?}");
        }
        for text in ["a", "performance_report_1.json", "a..b", "naïve name", "%2e%2e%2fx"] {
            assert_eq!(FileName::read("file", text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn check_of_invalid_name_has_the_reason() {
        let error = FileName::read("test_results_file", "../x").unwrap_err();
        insta::assert_snapshot!(error, @r#"test_results_file: "../x" is not a file's name: it must have none of / \ :"#);
    }
}
