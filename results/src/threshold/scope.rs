//! The scope of a figure.

use std::fmt;

/// The scope of a figure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// All requests together, or the generator itself.
    #[default]
    All,
    /// One task, by its name in summaries.
    Task(String),
    /// The users of one class.
    Class(String),
}

impl Scope {
    /// The name in results: `all`, `task chat`.
    pub fn in_words(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Task(name) => format!("task {name}"),
            Self::Class(name) => format!("class {name}"),
        }
    }
}

/// Writes the prefix of a figure: nothing, or `task("chat").`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = match self {
            Self::All => return Ok(()),
            Self::Task(name) => ("task", name),
            Self::Class(name) => ("class", name),
        };
        write!(f, "{kind}(\"{}\").", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}
