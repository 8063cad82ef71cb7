//! Response modes.

use std::sync::Arc;

use super::script::Script;
use crate::profile::Catalog;

/// How a model chooses the text of its responses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum ResponseMode {
    /// Readable text; tool calls and JSON if the request wants them.
    #[default]
    Natural,
    /// The user's last message.
    Echo,
    /// A fixed text.
    Fixed(Arc<str>),
    /// By the rules of a script.
    Script(Arc<Script>),
}

impl ResponseMode {
    /// Parses `natural`, `echo`, `fixed=TEXT` or `script=NAME`; scripts are those of `catalog`. Fails with a message that
    /// names the valid values.
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

/// Returns the message that a script does not exist, with the nearest known name.
pub(crate) fn unknown_script<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    format!("unknown script `{name}`{}", weir_pace::Suggestion::new(name, known))
}
