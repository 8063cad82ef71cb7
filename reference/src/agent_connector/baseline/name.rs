//! Names of files that requests give.

use super::fault::Fault;

/// With an ending and what is added while it is written, below the 255 bytes of common file systems.
const NAME_BYTES_MAX: usize = 128;

/// A name that is one within its folder: no path, nothing hidden.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileName(String);

impl FileName {
    /// Checks `text`, the value of `key`.
    pub(super) fn read(key: &'static str, text: &str) -> Result<Self, Fault> {
        let message = if text.is_empty() {
            "it is empty"
        } else if text.len() > NAME_BYTES_MAX {
            "128 bytes at the most are needed"
        } else if text.contains(['/', '\\', ':']) {
            "it must have none of / \\ :"
        } else if text.starts_with('.') {
            "it must not begin with a dot"
        } else if text.chars().any(char::is_control) {
            "it must have no control characters"
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(Fault::Name { key, value: text.chars().take(NAME_BYTES_MAX).collect(), message })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tricks_are_refused() {
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
    fn a_refusal_says_what_is_wrong() {
        let fault = FileName::read("test_results_file", "../x").unwrap_err();
        insta::assert_snapshot!(fault, @r#"test_results_file: "../x" is not a file's name: it must have none of / \ :"#);
    }
}
