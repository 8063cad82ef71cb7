//! The error of a key of a profile.

/// An error in one key of a profile.
#[derive(Debug)]
pub(super) struct KeyError {
    /// The path of the key within the profile.
    pub(super) key: &'static str,
    pub(super) message: String,
}

pub(super) fn key_error(key: &'static str, message: impl Into<String>) -> KeyError {
    KeyError { key, message: message.into() }
}
