//! What a model says.

use std::sync::Arc;

/// What a model says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Says {
    /// Text that a person could read; calls of tools, and JSON, where they are asked for.
    #[default]
    Natural,
    /// The user's last message.
    Echo,
    /// Always the same.
    Fixed(Arc<str>),
}
