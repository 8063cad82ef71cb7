//! A duration in a file: `#[serde(with = "weir_pace::duration_text")]`.
//!
//! Text with a unit, the largest unit first: `"250ms"`, `"1.2s"`, `"120us"`, `"80ns"`, `"5m"`, `"1m30s"`, `"2h"`.
//! A bare number is rejected, because `60` could mean seconds or milliseconds.

use std::fmt;
use std::time::Duration;

use serde::{Deserializer, Serializer, de};

pub use super::duration::{format, parse};

/// Deserializes text with a unit.
///
/// # Errors
/// Returns the [`DurationError`](crate::DurationError) of [`parse`]; a bare number is rejected.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_any(DurationVisitor)
}

/// Serializes to text that [`deserialize`] reads back to the same value.
///
/// # Errors
/// Returns the errors of the serializer.
pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format(*duration))
}

struct DurationVisitor;

impl de::Visitor<'_> for DurationVisitor {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration with a unit, such as \"250ms\" or \"1m30s\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        parse(text).map_err(E::custom)
    }

    // A number yields the same error as the same digits in quotes: the unit is missing.
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Duration, E> {
        parse(&number.to_string()).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Duration, E> {
        parse(&number.to_string()).map_err(E::custom)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Duration, E> {
        parse(&number.to_string()).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Deserialize, Serialize)]
    struct Config {
        #[serde(with = "super")]
        timeout: Duration,
    }

    #[test]
    fn deserialize_text_with_unit() {
        let config: Config = toml::from_str("timeout = \"1m30s\"").unwrap();
        assert_eq!(config, Config { timeout: Duration::from_secs(90) });
    }

    #[test]
    fn deserialize_plain_number_fails() {
        let errors = ["60", "-2", "1.5", "true"]
            .map(|value| toml::from_str::<Config>(&format!("timeout = {value}")).unwrap_err().to_string());
        insta::assert_snapshot!(errors.join("\n"), @r#"
        TOML parse error at line 1, column 11
          |
        1 | timeout = 60
          |           ^^
        60 has no unit; write "60s" or "60ms" if that is what is meant

        TOML parse error at line 1, column 11
          |
        1 | timeout = -2
          |           ^^
        -2 is negative; a duration must not be negative

        TOML parse error at line 1, column 11
          |
        1 | timeout = 1.5
          |           ^^^
        1.5 has no unit; write "1.5s" or "1.5ms" if that is what is meant

        TOML parse error at line 1, column 11
          |
        1 | timeout = true
          |           ^^^^
        invalid type: boolean `true`, expected a duration with a unit, such as "250ms" or "1m30s"
        "#);
    }
}
