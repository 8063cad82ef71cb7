//! What can be wrong with the settings.

use weir_pace::Diagnostic;

/// Names the file or variable, the key, the value and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A text that is not TOML, an unknown key, or a value of another type or out of its bounds.
    #[error(transparent)]
    Setting(#[from] Diagnostic),
    /// A variable's value is not of its kind.
    #[error("environment: {name}={value:?}: {message}")]
    Variable {
        /// The variable.
        name: String,
        /// Its value.
        value: String,
        /// What would be right.
        message: String,
    },
    /// A value out of its bounds that is in no known file or variable.
    #[error("{key}: {message}")]
    Key {
        /// The key, with its table.
        key: String,
        /// What is wrong and what would be right.
        message: String,
    },
}

impl ConfigError {
    /// The error with its place, if it is known.
    pub fn diagnostic(&self) -> Option<&Diagnostic> {
        match self {
            Self::Setting(diagnostic) => Some(diagnostic),
            Self::Variable { .. } | Self::Key { .. } => None,
        }
    }
}
