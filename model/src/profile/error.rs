//! What can be wrong with a file of profiles.

/// Names the file, the profile, the key, the value and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not TOML, an unknown key, or a value that is not of its kind.
    #[error(transparent)]
    Syntax(#[from] weir_pace::TomlFault),
    /// A key of a profile is missing or out of bounds.
    #[error("{origin}: model \"{model}\": {key} {message}")]
    Key {
        /// The file.
        origin: String,
        /// The profile.
        model: String,
        /// The key within it.
        key: &'static str,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// `inherits` names a profile that is not there.
    #[error("{origin}: model \"{model}\": inherits \"{parent}\", which is not a known profile{}", hint(.nearest.as_deref()))]
    UnknownParent {
        /// The file.
        origin: String,
        /// The profile.
        model: String,
        /// The name that it inherits.
        parent: String,
        /// The known name that looks most like it.
        nearest: Option<String>,
    },
    /// Profiles inherit each other in a circle, or too deeply.
    #[error("{origin}: model \"{model}\": inherits through more than {max} profiles: {path}")]
    Inheritance {
        /// The file.
        origin: String,
        /// The profile.
        model: String,
        /// The limit.
        max: usize,
        /// The names on the way.
        path: String,
    },
    /// A key of a script, or of one of its rules, is missing or out of bounds.
    #[error("{origin}: script \"{script}\"{}: {key} {message}", rule.map(|rule| format!(", rule {rule}")).unwrap_or_default())]
    Rule {
        /// The file.
        origin: String,
        /// The script.
        script: String,
        /// The rule, from 1, where it is one.
        rule: Option<usize>,
        /// The key within it.
        key: &'static str,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// More scripts than a catalogue holds.
    #[error("{origin}: more than {max} scripts")]
    TooManyScripts {
        /// The file.
        origin: String,
        /// The limit.
        max: usize,
    },
    /// More profiles than a catalogue holds.
    #[error("{origin}: more than {max} profiles")]
    TooMany {
        /// The file.
        origin: String,
        /// The limit.
        max: usize,
    },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean \"{name}\"?)"))
}
