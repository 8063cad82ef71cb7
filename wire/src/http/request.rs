use bytes::Bytes;
use http::header::{CONNECTION, TE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// A request.
///
/// The client adds `host` and `content-length`. It replaces a `content-length` or `transfer-encoding` of the caller, and
/// keeps a `host`. It sends `accept-encoding: identity` unless the request has another value, and never decodes a body: if
/// a server compresses anyway, the encoding is in
/// [`Response::content_encoding`](super::Response::content_encoding).
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The request target, made by [`Target::join`](super::Target::join).
    pub path_and_query: PathAndQuery,
    /// The headers. Cloning a converted map costs less than making one.
    pub headers: HeaderMap,
    /// The whole body; it is not copied.
    pub body: Bytes,
}

impl Request {
    /// Creates a request without headers or body.
    #[must_use]
    pub fn new(method: Method, path_and_query: PathAndQuery) -> Self {
        Self { method, path_and_query, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// Sets a header, replacing any of the same name.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Announces that trailers are accepted: `TE: trailers`, and `Connection: TE` as RFC 9110 §10.1.4 requires.
    #[must_use]
    pub fn accept_trailers(self) -> Self {
        self.with_header(TE, HeaderValue::from_static("trailers"))
            .with_header(CONNECTION, HeaderValue::from_static("TE"))
    }
}
