use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Options of a client. The defaults suit a load generator: long timeouts for slow responses, short ones for dead peers.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// The timeout of each phase.
    pub timeouts: Timeouts,
    /// The largest response body, in bytes; beyond it, reading fails with
    /// [`RequestError::TooLarge`](super::RequestError::TooLarge). Default: 1 GiB. It bounds endless streams, not memory:
    /// the body is passed on as it arrives.
    pub max_body_bytes: usize,
    /// The trusted certificate authorities.
    pub tls: TlsRoots,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self { timeouts: Timeouts::default(), max_body_bytes: 1 << 30, tls: TlsRoots::default() }
    }
}

/// The timeout of each phase of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Resolving the host and opening the connection, over all addresses. Default: 10 s.
    pub connect: Duration,
    /// The TLS handshake. Default: 10 s.
    pub tls: Duration,
    /// From the ready connection to the response headers, including the writing of the request. Default: 600 s, as in the
    /// SDKs of OpenAI and Anthropic: without streaming, the headers come after the last token.
    pub headers: Duration,
    /// Between two chunks of the body, while the caller waits for one. Default: 120 s.
    pub idle: Duration,
    /// The whole request, from `send` to the end of the body. Default: none.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            tls: Duration::from_secs(10),
            headers: Duration::from_secs(600),
            idle: Duration::from_secs(120),
            total: None,
        }
    }
}

impl Timeouts {
    pub(super) fn check(&self) -> Result<(), SetupError> {
        let fields = [
            ("connect", Some(self.connect)),
            ("tls", Some(self.tls)),
            ("headers", Some(self.headers)),
            ("idle", Some(self.idle)),
            ("total", self.total),
        ];
        match fields.into_iter().find(|(_, timeout)| *timeout == Some(Duration::ZERO)) {
            Some((field, _)) => Err(SetupError::ZeroTimeout { field }),
            None => Ok(()),
        }
    }
}

/// The trusted certificate authorities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TlsRoots {
    /// Mozilla's root certificates, built in (`webpki-roots`).
    #[default]
    Webpki,
    /// Only those in this PEM file or in the PEM files of this folder, such as a company's or a test's.
    CaFile(PathBuf),
    /// Any certificate is accepted, whoever signed it and for whichever host. Nothing protects the connection.
    AcceptAny,
}

/// Why a client cannot be created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A timeout is zero.
    #[error("the timeout `{field}` must not be zero")]
    ZeroTimeout {
        /// The name of the timeout.
        field: &'static str,
    },
    /// The file of certificate authorities cannot be read, or is not PEM.
    #[error("cannot read the certificate authorities in {}: {source}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file of certificate authorities contains no certificate.
    #[error("no certificate in {}: PEM blocks that begin with `-----BEGIN CERTIFICATE-----` were expected", path.display())]
    NoCertificates {
        /// The file.
        path: PathBuf,
    },
    /// A certificate in the file cannot be used as an authority.
    #[error("certificate {number} in {} cannot be used as an authority: {source}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// The number of the certificate, counted from 1.
        number: usize,
        /// The error of rustls.
        source: rustls::Error,
    },
    /// TLS itself cannot be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The host is not a valid header value.
    #[error("the host is not a valid `host` header: {0}")]
    Host(#[source] http::header::InvalidHeaderValue),
    /// The host is not a valid server name for TLS.
    #[error("the host {host} is not a valid server name for TLS: {source}")]
    ServerName {
        /// The host in the target URL.
        host: String,
        /// The cause.
        source: rustls::pki_types::InvalidDnsNameError,
    },
}
