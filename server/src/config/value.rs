//! The values of environment variables.

use std::str::FromStr;

use serde::de::DeserializeOwned;
use weir_pace::{TomlValueNode, read_settings};

use super::Span;

/// Sets `field` to `value`.
///
/// # Errors
/// Fails if there is no value.
pub fn put<T>(field: &mut Option<T>, value: Result<T, String>) -> Result<(), String> {
    *field = Some(value?);
    Ok(())
}

/// What is expected of a number from 0.
pub const WHOLE: &str = "a whole number of at least 0";
/// What is expected of a number from 1.
pub const AT_LEAST_ONE: &str = "a whole number of at least 1";
/// What is expected of a port.
pub const PORT: &str = "a port from 0 to 65535";
/// What is expected of a factor.
pub const FACTOR: &str = "a number such as 0.5";
/// What is expected of a number of bytes.
pub const SIZE: &str = "a size such as \"32MiB\"";

/// Reads a value of type `T`; `expected` describes a valid one.
///
/// # Errors
/// Fails if the text is not valid.
pub fn parsed<T: FromStr>(text: &str, expected: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| format!("expected {expected}"))
}

/// Reads a duration; without a unit it is in seconds.
///
/// # Errors
/// Fails if the text is not a valid duration.
pub fn span(text: &str) -> Result<Span, String> {
    weir_pace::parse_cli_duration(text.trim()).map(Span).map_err(|error| error.to_string())
}

/// Reads a switch: `true`, `1`, `yes`, `on` or their opposites, in any case.
///
/// # Errors
/// Fails if the text is none of these.
pub fn switch(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

/// Reads one of the names that `T` has for its variants.
///
/// # Errors
/// Fails if the text is not one of these names.
pub fn named<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let text = toml::Value::String(text.trim().to_owned());
    read_settings(TomlValueNode::Value(&text)).map_err(|error| error.to_string())
}
