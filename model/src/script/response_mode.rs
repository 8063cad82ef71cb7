//! Response modes.

use std::sync::Arc;

use super::Script;

/// How a model chooses the text of its responses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum ResponseMode {
    /// Readable text; tool calls and JSON if the request asks for them.
    #[default]
    Natural,
    /// The user's last message.
    Echo,
    /// A fixed text.
    Fixed(Arc<str>),
    /// By the rules of a script.
    Script(Arc<Script>),
}

/// Returns the message that a script does not exist, with the nearest known name.
pub(crate) fn unknown_script<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    format!("unknown script `{name}`{}", weir_pace::Suggestion::new(name, known))
}
