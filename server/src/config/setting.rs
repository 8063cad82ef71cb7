//! Checks of a single setting.

use std::time::Duration;

use super::{ConfigError, units::Span};

/// The error that the value of `key` is not acceptable, for the reason `message`.
pub fn invalid_setting(key: impl Into<String>, message: impl Into<String>) -> ConfigError {
    ConfigError::Key { key: key.into(), message: message.into() }
}

/// The value of `key`, which every configuration must have.
///
/// # Errors
/// Fails if there is none.
pub fn required<T>(key: &str, value: Option<T>) -> Result<T, ConfigError> {
    value.ok_or_else(|| invalid_setting(key, "is missing"))
}

/// The duration of `key`, above zero.
///
/// # Errors
/// Fails if there is none or if it is zero.
pub fn positive(key: &str, value: Option<Span>) -> Result<Duration, ConfigError> {
    match required(key, value)?.0 {
        Duration::ZERO => Err(invalid_setting(key, "expected a duration above zero, found 0")),
        duration => Ok(duration),
    }
}
