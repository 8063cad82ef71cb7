use bytes::Bytes;
use http::header::{CONNECTION, TE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// What to send.
///
/// The client adds `host` and `content-length`; a `content-length` or `transfer-encoding` of the caller's own is
/// replaced, a `host` is kept. It asks for `accept-encoding: identity` unless the request says otherwise, and never
/// decodes a body: a server that compresses all the same shows it in
/// [`Response::content_encoding`](super::Response::content_encoding).
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// What is asked for, as it stands on the request line: [`Target::join`](super::Target::join) makes it.
    pub path_and_query: PathAndQuery,
    /// The headers. Cloning a prepared map costs less than making one.
    pub headers: HeaderMap,
    /// The whole body; it is not copied.
    pub body: Bytes,
}

impl Request {
    /// A request without headers or body.
    #[must_use]
    pub fn new(method: Method, path_and_query: PathAndQuery) -> Self {
        Self { method, path_and_query, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// With a header, in place of any of that name.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// With a body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Tells the server that trailers are welcome (`TE: trailers`, and the `Connection: TE` that RFC 9110
    /// §10.1.4 wants beside it).
    #[must_use]
    pub fn wants_trailers(self) -> Self {
        self.with_header(TE, HeaderValue::from_static("trailers"))
            .with_header(CONNECTION, HeaderValue::from_static("TE"))
    }
}
