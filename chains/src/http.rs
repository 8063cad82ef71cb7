//! The HTTP client of `http` steps.

use std::{future::Future, pin::Pin, str::FromStr, sync::Arc};

/// The response to a request; dropping it cancels the request.
pub type HttpResponseFuture = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send>>;

/// Sends the HTTP requests of chains. The implementation decides which hosts are allowed.
pub trait HttpClient: Send + Sync {
    /// Sends a request. Must not block; a refused request resolves to an error.
    fn send(&self, request: HttpRequest) -> HttpResponseFuture;
}

/// An [`HttpClient`] that refuses every host.
#[derive(Clone, Copy, Debug)]
pub struct DisabledHttp;

impl HttpClient for DisabledHttp {
    fn send(&self, request: HttpRequest) -> HttpResponseFuture {
        Box::pin(async move { Err(HttpError::NotAllowed { host: request.url.to_string() }) })
    }
}

/// The request of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: HttpMethod,
    /// The rendered URL.
    pub url: Arc<str>,
    /// The names and rendered values of the headers.
    pub headers: Vec<(Arc<str>, Arc<str>)>,
    /// The rendered body.
    pub body: Option<Arc<str>>,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpMethod {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// `DELETE`.
    Delete,
}

impl HttpMethod {
    /// All methods.
    pub const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The name of the method in requests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl FromStr for HttpMethod {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(text));
        found.ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|method| method.as_str()).collect();
            format!("\"{text}\"is not a supported method; expected one of {}", known.join(", "))
        })
    }
}

/// A response with a 2xx status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status, 200 to 299.
    pub status: u16,
    /// The body; invalid UTF-8 is replaced.
    pub body: String,
}

/// Why a request failed. The texts are shown to the chain's client and contain no secrets.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The host is not in the list of hosts that chains may call.
    #[error("calls to {host} are not allowed")]
    NotAllowed {
        /// The host.
        host: String,
    },
    /// The rendered URL or a header is invalid.
    #[error("invalid request: {message}")]
    Invalid {
        /// What is wrong and what would be valid.
        message: String,
    },
    /// The status is not 2xx.
    #[error("{url} returned status {status}: {excerpt}")]
    Status {
        /// The URL without its query.
        url: String,
        /// The status.
        status: u16,
        /// The start of the body.
        excerpt: String,
    },
    /// The body is longer than a step accepts.
    #[error("the response has more than {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// There was no complete response.
    #[error("{message}")]
    Failed {
        /// What happened.
        message: String,
    },
}
