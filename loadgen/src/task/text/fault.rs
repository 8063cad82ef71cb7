//! What is wrong with a template.

use std::fmt;

/// A template that cannot be used, or does not render.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {problem}")]
pub(crate) struct TemplateError {
    /// Where it stands in the scenario.
    pub(crate) key: String,
    pub(crate) problem: TemplateProblem,
}

/// What is wrong with it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TemplateProblem {
    /// It does not compile or does not render.
    #[error("bad template: {}", Oneline(.0))]
    Engine(#[from] minijinja::Error),
    /// It mentions what is not there.
    #[error("bad template: `{name}` is unknown{}{hint}", AtLine(*.line))]
    Unknown {
        name: String,
        /// In the template, from 1.
        line: usize,
        /// What would be right.
        hint: String,
    },
    /// A user makes a request before the one that captures what it needs.
    #[error("`{name}` has not been captured yet: no answer of this user held it so far")]
    NotCaptured { name: String },
    /// It mentions an environment variable without a value.
    #[error("the environment variable `{variable}` is not set")]
    NotSet { variable: String },
}

/// minijinja's message with its line, without the source listing of its debug output.
struct Oneline<'a>(&'a minijinja::Error);

impl fmt::Display for Oneline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.kind())?;
        if let Some(detail) = self.0.detail() {
            write!(f, ": {detail}")?;
        }
        AtLine(self.0.line().unwrap_or(1)).fmt(f)
    }
}

/// The line of a template that has several; of the first one there is nothing to say.
struct AtLine(usize);

impl fmt::Display for AtLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > 1 { write!(f, " (line {} of the template)", self.0) } else { Ok(()) }
    }
}
