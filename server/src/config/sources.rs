//! The sources of a configuration: where a setting comes from, for errors that are found once all sources are merged.

use std::{fmt, sync::Arc};

use weir_pace::{Diagnostic, Document};

use super::ConfigError;

/// The sources of a configuration, the one of the highest precedence first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources(Vec<Source>);

#[derive(Clone)]
enum Source {
    Flags(Vec<SetFlag>),
    Variables(Vec<SetVariable>),
    File { origin: Arc<str>, text: Arc<str> },
}

/// A flag that is given, and the key that it sets.
#[derive(Clone, Copy, Debug)]
pub(super) struct SetFlag {
    pub(super) name: &'static str,
    pub(super) key: &'static str,
}

/// An environment variable that is set.
#[derive(Clone, Debug)]
pub(super) struct SetVariable {
    pub(super) name: String,
    pub(super) sets: VariableKey,
}

/// What a variable sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum VariableKey {
    /// This key.
    Key(String),
    /// A key of this table.
    SomeKeyOf(String),
}

impl fmt::Debug for Source {
    /// Without the text of the file, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flags(flags) => f.debug_tuple("Flags").field(flags).finish(),
            Self::Variables(variables) => f.debug_tuple("Variables").field(variables).finish(),
            Self::File { origin, .. } => f.debug_tuple("File").field(origin).finish(),
        }
    }
}

/// Whether a source sets a key.
enum Attribution {
    Sets(Diagnostic),
    MaySet,
    DoesNotSet,
}

impl Sources {
    pub(super) fn flags(flags: Vec<SetFlag>) -> Self {
        Self(vec![Source::Flags(flags)])
    }

    pub(super) fn variables(variables: Vec<SetVariable>) -> Self {
        Self(vec![Source::Variables(variables)])
    }

    pub(super) fn file(origin: &str, text: &str) -> Self {
        Self(vec![Source::File { origin: origin.into(), text: text.into() }])
    }

    /// These sources, over those of lower precedence.
    pub(super) fn over(mut self, below: Self) -> Self {
        self.0.extend(below.0);
        self
    }

    /// The same error, with its place if the source of its key is known.
    pub(super) fn place(&self, error: ConfigError) -> ConfigError {
        match error {
            ConfigError::Key { key, message } => match self.diagnostic(&key, &message) {
                Some(diagnostic) => ConfigError::Setting(diagnostic),
                None => ConfigError::Key { key, message },
            },
            placed => placed,
        }
    }

    /// Returns an error of `key` at the place that sets it, or in the innermost table around it. `None` if no source is
    /// known to set either.
    pub(crate) fn diagnostic(&self, key: &str, message: &str) -> Option<Diagnostic> {
        for source in &self.0 {
            match source.attribute(key, message) {
                Attribution::Sets(diagnostic) => return Some(diagnostic),
                Attribution::MaySet => return None,
                Attribution::DoesNotSet => {}
            }
        }
        let around =
            self.0.iter().filter_map(|source| source.in_document(|file| file.diagnostic(key, message)));
        around.into_iter().find(|diagnostic| diagnostic.line().is_some())
    }
}

impl Source {
    fn attribute(&self, key: &str, message: &str) -> Attribution {
        let sets = match self {
            Self::Flags(flags) => flags
                .iter()
                .find(|flag| flag.key == key)
                .map(|flag| Diagnostic::new("command line", flag.name, message)),
            Self::Variables(variables) => {
                let may_set = |variable: &SetVariable| match &variable.sets {
                    VariableKey::Key(_) => false,
                    VariableKey::SomeKeyOf(table) => {
                        key.strip_prefix(table.as_str()).is_some_and(|rest| rest.starts_with('.'))
                    }
                };
                if variables.iter().any(may_set) {
                    return Attribution::MaySet;
                }
                // Where two variables set one key, the later one is effective.
                let by = variables.iter().rfind(|variable| variable.sets == VariableKey::Key(key.to_owned()));
                by.map(|variable| Diagnostic::new("environment", &variable.name, message))
            }
            Self::File { .. } => {
                self.in_document(|file| file.contains(key).then(|| file.diagnostic(key, message))).flatten()
            }
        };
        sets.map_or(Attribution::DoesNotSet, Attribution::Sets)
    }

    fn in_document<T>(&self, read: impl FnOnce(&Document<'_>) -> T) -> Option<T> {
        let Self::File { origin, text } = self else { return None };
        // The text has been parsed before.
        Document::parse(origin, text).ok().map(|document| read(&document))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Sources {
        let variable = |name: &str, sets| SetVariable { name: name.to_owned(), sets };
        Sources::flags(vec![SetFlag { name: "--port", key: "server.port" }])
            .over(Sources::variables(vec![
                variable("OLD_SEED", VariableKey::Key("server.seed".to_owned())),
                variable("WEIR_SERVER_SEED", VariableKey::Key("server.seed".to_owned())),
                variable("SOMETHING", VariableKey::SomeKeyOf("mine".to_owned())),
            ]))
            .over(Sources::file("mine.toml", "[server]\nport = 1\nseed = 2\nbind = 'x'\n[mine]\na = 1"))
            .over(Sources::file("defaults.toml", "[server]\ndrain = 1\n[chains]\nbind = 'x'"))
    }

    fn place(key: &str) -> String {
        sources().diagnostic(key, "wrong").map_or_else(|| "none".to_owned(), |found| found.to_string())
    }

    #[test]
    fn diagnostic_is_of_the_source_that_sets_the_key() {
        assert_eq!(place("server.port"), "command line: --port: wrong");
        assert_eq!(place("server.seed"), "environment: WEIR_SERVER_SEED: wrong");
        assert_eq!(place("server.bind"), "mine.toml:4: server.bind: wrong");
        assert_eq!(place("server.drain"), "defaults.toml:2: server.drain: wrong");
    }

    #[test]
    fn diagnostic_of_key_that_is_not_set_is_at_its_table() {
        assert_eq!(place("server.workers"), "mine.toml:1: server.workers: wrong");
        assert_eq!(place("chains.workers"), "defaults.toml:3: chains.workers: wrong");
        assert_eq!(place("nowhere.x"), "none");
    }

    #[test]
    fn diagnostic_of_key_that_a_variable_may_set_is_unknown() {
        assert_eq!(place("mine.a"), "none");
    }

    #[test]
    fn debug_hides_texts() {
        let shown = format!("{:?}", Sources::file("mine.toml", "secret = 'hush'"));
        assert!(shown.contains("mine.toml") && !shown.contains("hush"), "{shown}");
    }
}
