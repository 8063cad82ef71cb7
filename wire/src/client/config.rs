use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// How a client behaves. The default suits a load generator: patient with a slow answer, not with a dead peer.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// How long each phase may last.
    pub timeouts: Timeouts,
    /// The largest response body, in bytes; beyond it, reading fails with
    /// [`Failure::TooLarge`](super::Failure::TooLarge). 1 GiB by default: a body is handed on as it comes, so this
    /// bounds not memory but a stream that never ends.
    pub max_body_bytes: usize,
    /// Whom to trust.
    pub tls: TlsRoots,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self { timeouts: Timeouts::default(), max_body_bytes: 1 << 30, tls: TlsRoots::default() }
    }
}

/// The time that each phase of a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Resolving the host and opening the connection, over all its addresses. 10 s by default.
    pub connect: Duration,
    /// The TLS handshake. 10 s by default.
    pub tls: Duration,
    /// From the connection being ready to the head of the response, the writing of the request included. 600 s by
    /// default, as the SDKs of OpenAI and Anthropic have it: a plain answer's head comes after its last token.
    pub headers: Duration,
    /// Between two pieces of the body, while the caller waits for one. 120 s by default.
    pub idle: Duration,
    /// The whole request, from `send` to the end of the body. None by default.
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

/// The certificate authorities that a server's certificate must lead to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TlsRoots {
    /// Those that Mozilla trusts, built in (`webpki-roots`).
    #[default]
    Webpki,
    /// Those in this PEM file, and no others: a company's own, or a test's.
    CaFile(PathBuf),
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A timeout of nothing would fail every request.
    #[error("the timeout `{field}` is zero: it must be longer than that")]
    ZeroTimeout {
        /// Which one.
        field: &'static str,
    },
    /// The file of certificate authorities cannot be read, or is not PEM.
    #[error("cannot read the certificate authorities in {}: {source}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// The file of certificate authorities holds none.
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
        /// Which one, counted from 1.
        number: usize,
        /// What rustls says.
        source: rustls::Error,
    },
    /// TLS itself cannot be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The host cannot stand in a header.
    #[error("the host cannot stand in a `host` header: {0}")]
    Host(#[source] http::header::InvalidHeaderValue),
    /// The host cannot be named in a TLS handshake.
    #[error("the host {host} is neither a DNS name nor an address, as TLS needs it: {source}")]
    ServerName {
        /// The host, as the target names it.
        host: String,
        /// What is wrong.
        source: rustls::pki_types::InvalidDnsNameError,
    },
}
