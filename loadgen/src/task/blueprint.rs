//! A checked request of a scenario, of any kind.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::read::{BodyReader, EventReader};
use super::reply::History;
use super::{Body, Text};

/// How to make a request and how to read its answer.
#[derive(Clone, Debug)]
pub(crate) struct Blueprint {
    pub(crate) method: Method,
    pub(crate) base: Base,
    /// Path and query; they start with a slash.
    pub(crate) path: Text,
    pub(crate) headers: Headers,
    pub(crate) body: Option<Body>,
    pub(crate) auth: Auth,
    /// The model, if it is the same for each request.
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
    /// Rendered for each request.
    pub(crate) rendered: Vec<(HeaderName, Text)>,
}

impl Headers {
    /// Sets a header that is the same for each request.
    pub(crate) fn insert(&mut self, name: HeaderName, value: HeaderValue) {
        self.fixed.insert(name, value);
    }

    /// Sets a header that is the same for each request, unless it has one with that name.
    pub(crate) fn insert_default(&mut self, name: HeaderName, value: HeaderValue) {
        if !self.rendered.iter().any(|(rendered, _)| *rendered == name) {
            self.fixed.entry(name).or_insert(value);
        }
    }

    /// Adds the headers of `upper`, which override these.
    pub(crate) fn overridden_by(mut self, upper: Self) -> Self {
        self.fixed.extend(upper.fixed);
        self.rendered.extend(upper.rendered);
        self
    }
}

/// The base of a path.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// The target's URL.
    Url,
    /// The target's URL without a trailing `/v1`, which the base URLs of OpenAI's clients contain.
    UrlBeforeV1,
}

/// How an answer is read.
#[derive(Clone, Debug)]
pub(crate) enum Reading {
    /// Its content does not matter.
    Opaque,
    /// As one JSON document.
    Plain(Arc<dyn BodyReader>),
    /// As a stream of server-sent events.
    Stream {
        events: Arc<dyn EventReader>,
        /// The key of the task that makes its answer a stream.
        key: &'static str,
    },
    /// As a stream if its content type is that of one; otherwise its content does not matter.
    ByContentType(Arc<dyn EventReader>),
}

/// The content type of streams.
pub(crate) const EVENT_STREAM: &str = "text/event-stream";

impl Reading {
    /// How messages are written in the next request of a conversation.
    pub(crate) fn history(&self) -> Option<&'static dyn History> {
        match self {
            Self::Opaque => None,
            Self::Plain(reader) => reader.history(),
            Self::Stream { events, .. } | Self::ByContentType(events) => events.history(),
        }
    }

    /// The content type that an answer must have.
    pub(crate) fn content_type(&self) -> Option<&'static str> {
        match self {
            Self::Opaque | Self::ByContentType(_) => None,
            Self::Plain(_) => Some("application/json"),
            Self::Stream { .. } => Some(EVENT_STREAM),
        }
    }

    /// The reader of its streams, if its answers are or may be streams.
    pub(crate) fn events(&self) -> Option<&dyn EventReader> {
        match self {
            Self::Opaque | Self::Plain(_) => None,
            Self::Stream { events, .. } | Self::ByContentType(events) => Some(events.as_ref()),
        }
    }
}
