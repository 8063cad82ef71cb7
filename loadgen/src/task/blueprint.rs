//! A request as the scenario describes it: every kind of request comes down to this.

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::{Body, Pointer, Text};

/// The data of the event with which OpenAI's streams end.
const DONE: &str = "[DONE]";

/// How to make a request and what to expect of its answer.
#[derive(Clone, Debug)]
pub(crate) struct Blueprint {
    pub(crate) method: Method,
    pub(crate) base: Base,
    /// Path and query, beginning with a slash.
    pub(crate) path: Text,
    pub(crate) headers: Headers,
    pub(crate) body: Option<Body>,
    pub(crate) auth: Auth,
    /// The model that is asked, where it is the same for each request.
    pub(crate) model: Option<String>,
    pub(crate) reading: Reading,
}

/// How a request carries the scenario's key.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Auth {
    /// `Authorization: Bearer …`.
    Bearer,
    /// `x-api-key: …`.
    ApiKey,
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

    /// Sets a header that is the same for each request, unless one of that name is there.
    pub(crate) fn insert_default(&mut self, name: HeaderName, value: HeaderValue) {
        if !self.made.iter().any(|(made, _)| *made == name) {
            self.fixed.entry(name).or_insert(value);
        }
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Whatever it is.
    Opaque,
    /// One JSON document.
    Plain(PlainKind),
    /// Events.
    Stream(StreamKind),
}

/// What a document is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum PlainKind {
    /// `chat.completion`.
    Chat,
    /// `text_completion`.
    Completions,
    /// `response`.
    Responses,
    /// A list of embeddings.
    Embeddings,
    /// An Anthropic `message`.
    Messages,
    /// The result of a chain.
    Chain,
}

/// Whose events a stream holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StreamKind {
    /// `chat.completion.chunk`.
    Chat,
    /// Chunks of a `text_completion`.
    Completions,
    /// `response.…`.
    Responses,
    /// Anthropic's, from `message_start` to `message_stop`.
    Messages,
    /// The steps and tokens of a chain.
    Chain,
    /// Anybody's.
    Any {
        /// An event counts as content where it holds something there; without it, each event counts that has data.
        content: Option<Pointer>,
    },
}

impl StreamKind {
    /// The last event of a stream that is whole; without one, the body's end is the stream's.
    pub(crate) fn end_mark(&self) -> Option<&'static str> {
        match self {
            Self::Chat | Self::Completions | Self::Chain => Some(DONE),
            Self::Responses => Some("response.completed"),
            Self::Messages => Some("message_stop"),
            Self::Any { .. } => None,
        }
    }

    /// Whether nothing counts that follows a `[DONE]`.
    pub(crate) fn ends_with_done(&self) -> bool {
        self.end_mark().is_none_or(|mark| mark == DONE)
    }
}

impl Reading {
    /// The content type that an answer must have.
    pub(crate) fn content_type(&self) -> Option<&'static str> {
        match self {
            Self::Opaque => None,
            Self::Plain(_) => Some("application/json"),
            Self::Stream(_) => Some("text/event-stream"),
        }
    }
}
