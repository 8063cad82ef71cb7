//! A text that must not be shown.

use std::{borrow::Borrow, fmt};

use super::{ConfigError, setting::invalid_setting};

/// A key as the client sends it; never printed.
#[derive(Clone, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, to compare with.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Maps by secrets are searched with what a client sends.
impl Borrow<str> for Secret {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// The secret that the keys `names` of the table `path` give: by its text, or by the name of an environment variable.
///
/// # Errors
/// Fails if both are given, if the variable is not set, or if the secret is empty.
pub fn named_secret(
    path: &str,
    names: [&str; 2],
    secret: Option<Secret>,
    variable: Option<String>,
) -> Result<Option<Secret>, ConfigError> {
    let [by_itself, by_variable] = names;
    let secret = match (secret, variable) {
        (None, None) => return Ok(None),
        (Some(secret), None) => secret,
        (None, Some(variable)) => secret_in(&format!("{path}.{by_variable}"), &variable)?,
        (Some(_), Some(_)) => {
            return Err(invalid_setting(
                path,
                format!("has both {by_itself} and {by_variable}: expected one of them"),
            ));
        }
    };
    if secret.reveal().is_empty() {
        return Err(invalid_setting(path, "has an empty secret"));
    }
    Ok(Some(secret))
}

/// The secret in an environment variable.
pub(super) fn secret_in(key: &str, variable: &str) -> Result<Secret, ConfigError> {
    let value = std::env::var(variable).map_err(|error| {
        invalid_setting(key, format!("the environment variable {variable} gives no secret: {error}"))
    })?;
    Ok(Secret::new(value))
}
