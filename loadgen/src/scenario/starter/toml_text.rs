//! Strings of TOML.

use serde_json::Value;

/// Returns a text as a string of TOML: literal if that is readable, otherwise with escapes.
pub(super) fn quoted(text: &str) -> String {
    let is_special = |c: char| c == '\'' || c.is_control();
    if text.contains(['"', '\\']) && !text.contains(is_special) {
        return format!("'{text}'");
    }
    // The escapes of JSON are those of TOML, which must also escape DEL.
    Value::from(text).to_string().replace('\u{7f}', "\\u007F")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quoted_text_is_literal_if_it_has_quotes() {
        assert_eq!(quoted("/ask"), r#""/ask""#);
        assert_eq!(quoted(r#"{"a": "b\n"}"#), r#"'{"a": "b\n"}'"#);
        assert_eq!(quoted("it's \"so\"\n"), r#""it's \"so\"\n""#);
    }

    proptest! {
        #[test]
        fn quoted_text_is_read_back(text in any::<String>()) {
            let table: toml::Table = toml::from_str(&format!("text = {}", quoted(&text))).unwrap();
            prop_assert_eq!(table["text"].as_str(), Some(text.as_str()));
        }
    }
}
