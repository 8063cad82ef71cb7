//! The input of a run.

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

/// Parses the input of `--input` or `--text`; without either it is empty.
///
/// # Errors
/// Fails if the JSON is invalid, with its line and column, or not an object.
pub(super) fn read(input: Option<&str>, text: Option<&str>) -> anyhow::Result<Value> {
    let Some(input) = input else {
        return Ok(text.map_or_else(|| json!({}), |text| json!({ "text": text })));
    };
    let value: Value = serde_json::from_str(input).context("--input is not JSON")?;
    let found = match &value {
        Value::Object(_) => return Ok(value),
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
    };
    bail!("--input: expected an object, found {found}; write one such as {{\"text\": \"Why?\"}}")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn fault(input: &str) -> String {
        format!("{:#}", read(Some(input), None).unwrap_err())
    }

    #[test]
    fn read_accepts_an_object_or_a_text() {
        assert_eq!(read(Some(r#"{"n": 1}"#), None).unwrap(), json!({"n": 1}));
        assert_eq!(read(None, Some("Why?")).unwrap(), json!({"text": "Why?"}));
        assert_eq!(read(None, None).unwrap(), json!({}));
    }

    #[test]
    fn read_invalid_input_names_position_and_need() {
        assert_snapshot!(fault("{\"text\":\n why}"), @"--input is not JSON: expected value at line 2 column 2");
        assert_snapshot!(fault("{\"text\": 1"), @"--input is not JSON: EOF while parsing an object at line 1 column 10");
        assert_snapshot!(fault("[1]"), @r#"--input: expected an object, found an array; write one such as {"text": "Why?"}"#);
    }
}
