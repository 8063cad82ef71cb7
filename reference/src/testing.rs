//! Helpers for tests of settings.

use weir_server::{Config, ConfigError, RawConfig};

use crate::backends;

/// Checks the settings of `source` over the defaults.
pub(crate) fn checked(source: &str) -> Result<Config, ConfigError> {
    let backends = backends();
    let raw = RawConfig::from_toml(source, "weir.toml", backends.tables())?;
    raw.over(RawConfig::defaults(backends.tables())?).try_into()
}

/// Returns the error for the settings of `source`.
pub(crate) fn rejection(source: &str) -> String {
    checked(source).unwrap_err().to_string()
}

/// Returns the error for an environment variable.
pub(crate) fn variable_rejection(name: &str, value: &str) -> String {
    let variables = [(name.into(), value.into())];
    RawConfig::from_variables(variables, backends().tables()).unwrap_err().to_string()
}
