//! What a model says.

use std::sync::Arc;

use super::script::Script;
use crate::profile::Catalog;

/// What a model says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum ResponseMode {
    /// Text that a person could read; calls of tools, and JSON, where they are asked for.
    #[default]
    Natural,
    /// The user's last message.
    Echo,
    /// Always the same.
    Fixed(Arc<str>),
    /// What the rules of a script say.
    Script(Arc<Script>),
}

impl ResponseMode {
    /// What `text` stands for: `natural`, `echo`, `fixed=TEXT` or `script=NAME`; scripts are those of `catalog`. An error
    /// says what would be right.
    pub fn parse(text: &str, catalog: &Catalog) -> Result<Self, String> {
        match (text, text.split_once('=')) {
            ("natural", _) => Ok(Self::Natural),
            ("echo", _) => Ok(Self::Echo),
            (_, Some(("fixed", text))) => Ok(Self::Fixed(text.into())),
            (_, Some(("script", name))) => {
                let known = catalog.script(name).map(|script| Self::Script(Arc::clone(script)));
                known.ok_or_else(|| unknown_script(name, catalog.scripts()))
            }
            _ => Err(format!("expected natural, echo, fixed=TEXT or script=NAME, found {text:?}")),
        }
    }
}

/// The message that a script does not exist, with the nearest name that does.
pub(crate) fn unknown_script<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    format!("unknown script `{name}`{}", weir_pace::Suggestion::new(name, known))
}
