//! serde's words, in those of someone who wrote a file.

/// The key that serde misses, from its message.
pub(super) fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

/// The unknown key and the known ones, from serde's message for a struct that denies unknown fields.
pub(super) fn unknown_field(message: &str) -> Option<(&str, Vec<&str>)> {
    let rest = message.strip_prefix("unknown field ")?;
    // Names stand in backquotes: every second piece is one.
    let mut names = rest.split('`').skip(1).step_by(2);
    Some((names.next()?, names.collect()))
}

/// The key within a value that a message of its own is about, as distributions tell it, and the rest of the message.
pub(super) fn inner_key(message: &str) -> Option<(&str, &str)> {
    let (key, rest) = message.split_once(": ")?;
    let is_key = key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.[]".contains(c));
    is_key.then_some((key, rest))
}

/// A message about a value: what it is, and what is needed in its place.
pub(super) fn plain(message: &str) -> String {
    let about = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    match about.and_then(|about| about.rsplit_once(", expected ")) {
        Some((found, needed)) => format!("{} where {} is needed", given(found), wanted(needed)),
        None => message.trim().replace('\n', " "),
    }
}

fn given(found: &str) -> String {
    match found.split_once(' ') {
        Some(("string", text)) => format!("the text {text}"),
        Some(("integer" | "boolean", value)) => value.replace('`', ""),
        Some(("floating", value)) => value.trim_start_matches("point ").replace('`', ""),
        _ => match found {
            "map" => "a table".to_owned(),
            "sequence" => "a list".to_owned(),
            other => other.to_owned(),
        },
    }
}

fn wanted(expected: &str) -> &str {
    match expected {
        "u64" => "a whole number of zero or more",
        "u32" => "a whole number from 0 to 4294967295",
        "i64" => "a whole number",
        "f64" => "a number",
        "a string" => "text",
        "path string" => "the path of a file, as text,",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a table",
        expected if expected.starts_with("struct ") => "a table",
        expected => expected,
    }
}

/// What a value is.
pub(super) fn found(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => format!("the text {text:?}"),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Boolean(truth) => truth.to_string(),
        toml::Value::Datetime(date) => format!("the date {date}"),
        toml::Value::Array(_) => "a list".to_owned(),
        toml::Value::Table(_) => "a table".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Known {
        #[expect(dead_code, reason = "only its type matters")]
        users: Option<u64>,
        #[expect(dead_code, reason = "only its type matters")]
        run_time: bool,
        #[expect(dead_code, reason = "only its type matters")]
        share: Option<f64>,
    }

    fn message(text: &str) -> String {
        toml::from_str::<Known>(text).unwrap_err().message().to_owned()
    }

    #[test]
    fn serde_says_which_fields_it_knows_and_misses() {
        let unknown = message("run_tim = 1");
        assert_eq!(unknown_field(&unknown), Some(("run_tim", vec!["users", "run_time", "share"])));
        let missing = message("");
        assert_eq!((unknown_field(&missing), missing_field(&missing)), (None, Some("run_time")));
    }

    #[test]
    fn values_are_told_in_plain_words() {
        let told = [
            "users = \"te, expected n\"",
            "users = -1",
            "users = 1.5",
            "users = []",
            "run_time = {}",
            "run_time = 1",
            "share = true",
        ]
        .map(|text| plain(&message(text)));
        insta::assert_snapshot!(told.join("\n"), @r#"
        the text "te, expected n" where a whole number of zero or more is needed
        -1 where a whole number of zero or more is needed
        1.5 where a whole number of zero or more is needed
        a list where a whole number of zero or more is needed
        a table where true or false is needed
        1 where true or false is needed
        true where a number is needed
        "#);
    }
}
