//! Errors of templates.

use std::fmt;

/// A template is not valid, or does not render.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {problem}")]
pub(crate) struct TemplateError {
    /// Its key in the scenario.
    pub(crate) key: String,
    pub(crate) problem: TemplateProblem,
}

/// The problem with a template.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TemplateProblem {
    /// The template does not compile or render.
    #[error("invalid template: {}", OneLine(.0))]
    Engine(#[from] minijinja::Error),
    /// The template refers to an unknown name.
    #[error("invalid template: unknown name `{name}`{}{hint}", AtLine(*.line))]
    Unknown {
        name: String,
        /// The line in the template, from 1.
        line: usize,
        /// A suggestion.
        hint: String,
    },
    /// The user has not captured the value yet.
    #[error("`{name}` has not been captured yet by this user")]
    NotCaptured { name: String },
    /// The template refers to an environment variable that is not set.
    #[error("the environment variable `{variable}` is not set")]
    NotSet { variable: String },
}

/// The message of minijinja with its line, without the source listing.
struct OneLine<'a>(&'a minijinja::Error);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.kind())?;
        if let Some(detail) = self.0.detail() {
            write!(f, ": {detail}")?;
        }
        AtLine(self.0.line().unwrap_or(1)).fmt(f)
    }
}

/// The line of a template; nothing for the first line.
struct AtLine(usize);

impl fmt::Display for AtLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > 1 { write!(f, " (line {} of the template)", self.0) } else { Ok(()) }
    }
}
