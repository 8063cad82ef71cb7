//! A request as the scenario describes it: every kind of request comes down to this.

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::Text;

/// How to make a request and what to expect of its answer.
#[derive(Clone, Debug)]
pub(crate) struct Blueprint {
    pub(crate) method: Method,
    pub(crate) base: Base,
    /// Path and query, beginning with a slash.
    pub(crate) path: Text,
    pub(crate) headers: Headers,
    pub(crate) body: Option<Text>,
    pub(crate) reading: Reading,
}

/// The headers of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headers {
    /// The same for each request.
    pub(crate) fixed: HeaderMap,
    /// Made afresh for each request.
    pub(crate) made: Vec<(HeaderName, Text)>,
}

impl Headers {
    /// Sets a header that is the same for each request.
    pub(crate) fn insert(&mut self, name: HeaderName, value: HeaderValue) {
        self.fixed.insert(name, value);
    }

    /// With the headers of `upper`, which win.
    pub(crate) fn beneath(mut self, upper: Self) -> Self {
        self.fixed.extend(upper.fixed);
        self.made.extend(upper.made);
        self
    }
}

/// What a path is appended to.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// The target's URL.
    Url,
    /// The target's URL without a `/v1` at its end: OpenAI's clients take base URLs that hold it.
    UrlBeforeV1,
}

/// What an answer is read as.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Whatever it is.
    Opaque,
    /// `chat.completion`.
    Chat,
    /// The result of a chain.
    Chain,
    /// Events.
    Stream(StreamKind),
}

/// Whose events a stream holds.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum StreamKind {
    /// `chat.completion.chunk`.
    Chat,
    /// The steps and tokens of a chain.
    Chain,
}

impl Reading {
    /// The content type that an answer must have.
    pub(crate) fn content_type(self) -> Option<&'static str> {
        match self {
            Self::Opaque => None,
            Self::Chat | Self::Chain => Some("application/json"),
            Self::Stream(_) => Some("text/event-stream"),
        }
    }
}
