//! Texts before and after their secrets are removed.

use std::fmt;

use weir_wire::Request;

use super::redactor::Redactor;
use super::secrets::secrets_of_request;

/// A text that may contain secrets. It cannot be printed: only a [`Redaction`] returns it in a form that can.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct UnredactedText(String);

impl UnredactedText {
    /// Returns a longer text that contains this one.
    pub(crate) fn map(&self, extend: impl FnOnce(&str) -> String) -> Self {
        Self(extend(&self.0))
    }

    /// Returns a text that contains this one and another.
    pub(crate) fn combine(&self, other: &Self, join: impl FnOnce(&str, &str) -> String) -> Self {
        Self(join(&self.0, &other.0))
    }
}

impl<T: Into<String>> From<T> for UnredactedText {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for UnredactedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnredactedText({} bytes)", self.0.len())
    }
}

#[cfg(test)]
impl fmt::Display for UnredactedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text whose secrets are removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RedactedText(String);

impl RedactedText {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns a text made of this one alone, such as its beginning.
    pub(crate) fn map(&self, change: impl FnOnce(&str) -> String) -> Self {
        Self(change(&self.0))
    }
}

impl From<RedactedText> for String {
    fn from(text: RedactedText) -> Self {
        text.0
    }
}

/// Removes the secrets of a run, and those of one of its requests, from a text. Making one costs nothing; redacting costs
/// microseconds, so only a text that is kept is redacted.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Redaction<'a> {
    run: &'a Redactor,
    /// The request that the text is about, if it has secrets that the run does not have, such as those of a feed.
    request: Option<&'a Request>,
}

impl<'a> Redaction<'a> {
    pub(crate) const fn new(run: &'a Redactor, request: Option<&'a Request>) -> Self {
        Self { run, request }
    }

    /// Returns the text with `***` for each secret.
    pub(crate) fn redact(self, UnredactedText(text): &UnredactedText) -> RedactedText {
        let of_request = self.request.map(|request| Redactor::new(secrets_of_request(request)));
        let text = of_request.as_ref().map_or_else(|| text.into(), |secrets| secrets.redact(text));
        RedactedText(self.run.redact(&text).into_owned())
    }
}

#[cfg(test)]
impl Redaction<'static> {
    /// Returns the redaction of a run without secrets.
    pub(crate) fn without_secrets() -> Self {
        static NONE: std::sync::LazyLock<Redactor> = std::sync::LazyLock::new(Redactor::default);
        Self::new(&NONE, None)
    }
}
