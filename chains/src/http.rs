//! What a chain asks of the network.

use std::{future::Future, pin::Pin, str::FromStr, sync::Arc};

/// The answer of one call; dropping it cancels the call.
pub type HttpFuture = Pin<Box<dyn Future<Output = Result<HttpReply, HttpError>> + Send>>;

/// Makes the HTTP calls of chains. Which hosts may be called is its own decision.
pub trait Http: Send + Sync {
    /// Begins a call. It must not block; refusals are the answer.
    fn call(&self, call: HttpCall) -> HttpFuture;
}

/// An [`Http`] for chains that have no business in the network: it refuses every host.
#[derive(Clone, Copy, Debug)]
pub struct NoHttp;

impl Http for NoHttp {
    fn call(&self, call: HttpCall) -> HttpFuture {
        Box::pin(async move { Err(HttpError::NotAllowed { host: call.url.to_string() }) })
    }
}

/// One call that a step makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpCall {
    /// The method.
    pub method: HttpMethod,
    /// The rendered URL.
    pub url: Arc<str>,
    /// Names and rendered values.
    pub headers: Vec<(Arc<str>, Arc<str>)>,
    /// The rendered body.
    pub body: Option<Arc<str>>,
}

/// The methods that a step may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpMethod {
    /// Read.
    Get,
    /// Ask, or make.
    Post,
    /// Replace.
    Put,
    /// Change.
    Patch,
    /// Remove.
    Delete,
}

impl HttpMethod {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The name in requests.
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
            format!("\"{text}\" is no method; one of {} is needed", known.join(", "))
        })
    }
}

/// An answer with a status of success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpReply {
    /// The status, 200 to 299.
    pub status: u16,
    /// The body; what is not UTF-8 in it is replaced.
    pub body: String,
}

/// Why a call gave no answer of use. The texts are for the chain's client and hold no secrets.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The host is not on the list of those that chains may call.
    #[error("calls to {host} are not allowed")]
    NotAllowed {
        /// The host.
        host: String,
    },
    /// The rendered URL or a header is none.
    #[error("invalid request: {message}")]
    Invalid {
        /// What is wrong, and what would be right.
        message: String,
    },
    /// Any status but success.
    #[error("{url} answered {status}: {excerpt}")]
    Status {
        /// What was called, without its query.
        url: String,
        /// The status.
        status: u16,
        /// The beginning of the body.
        excerpt: String,
    },
    /// The body is longer than a step may take in.
    #[error("the answer has more than {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// No complete answer came.
    #[error("{message}")]
    Failed {
        /// What happened.
        message: String,
    },
}
