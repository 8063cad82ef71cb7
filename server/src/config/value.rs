//! The values of environment variables.

use std::str::FromStr;

use serde::{Deserialize, de::IntoDeserializer as _, de::value};

use super::Span;

/// Sets `field` to `value`.
///
/// # Errors
/// Fails if there is no value.
pub fn put<T>(field: &mut Option<T>, value: Result<T, String>) -> Result<(), String> {
    *field = Some(value?);
    Ok(())
}

/// What is needed where a number from 0 is.
pub const WHOLE: &str = "a whole number of 0 or more";
/// What is needed where a number above 0 is.
pub const AT_LEAST_ONE: &str = "a whole number of 1 or more";
/// What is needed where a number of a port is.
pub const PORT: &str = "a port from 0 to 65535";
/// What is needed where a number with a fraction is.
pub const FACTOR: &str = "a number such as 0.5";
/// What is needed where a number of bytes is.
pub const SIZE: &str = "a size such as \"32MiB\"";

/// Reads a value of type `T`; `needed` names what a valid one is.
///
/// # Errors
/// Fails if the text is not valid.
pub fn parsed<T: FromStr>(text: &str, needed: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| format!("{needed} is needed"))
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
        _ => Err("true or false is needed".to_owned()),
    }
}

/// Reads one of the names that `T` has for its variants.
///
/// # Errors
/// Fails if the text is not one of these names.
pub fn named<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, String> {
    T::deserialize(text.trim().into_deserializer()).map_err(|error: value::Error| error.to_string())
}
