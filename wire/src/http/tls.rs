use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::config::{SetupError, TlsRoots};

/// TLS to one host: the configuration, which includes the session cache, and the server name to verify.
#[derive(Clone)]
pub(super) struct Tls {
    connector: TlsConnector,
    server_name: ServerName<'static>,
}

impl Tls {
    pub(super) fn new(host: &str, roots: &TlsRoots) -> Result<Self, SetupError> {
        let server_name = ServerName::try_from(host.to_owned())
            .map_err(|source| SetupError::ServerName { host: host.to_owned(), source })?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let mut config = match roots {
            TlsRoots::Webpki => {
                let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
                builder.with_root_certificates(roots)
            }
            TlsRoots::CaFile(path) => builder.with_root_certificates(read_roots(path)?),
            TlsRoots::AcceptAny => {
                builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAny(provider)))
            }
        }
        .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), server_name })
    }

    pub(super) async fn handshake(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.server_name.clone(), stream).await
    }
}

/// The files of a folder that are read; the folders of systems have a few hundred.
const FOLDER_FILES_MAX: usize = 10_000;

/// Reads the authorities of a folder. It may also have files without any, such as keys, which are left out.
fn read_folder(path: &Path) -> Result<RootCertStore, SetupError> {
    let unreadable = |source| SetupError::CaFile { path: path.to_owned(), source };
    let mut roots = RootCertStore::empty();
    for entry in std::fs::read_dir(path).map_err(unreadable)?.take(FOLDER_FILES_MAX) {
        let file = entry.map_err(unreadable)?.path();
        if !file.is_file() {
            continue;
        }
        if let Ok(certificates) = CertificateDer::pem_file_iter(&file) {
            roots.add_parsable_certificates(certificates.map_while(Result::ok));
        }
    }
    if roots.is_empty() { Err(SetupError::NoCertificates { path: path.to_owned() }) } else { Ok(roots) }
}

fn read_roots(path: &Path) -> Result<RootCertStore, SetupError> {
    if path.is_dir() {
        return read_folder(path);
    }
    let unreadable = |source: pem::Error| SetupError::CaFile {
        path: path.to_owned(),
        source: match source {
            pem::Error::Io(error) => error,
            other => io::Error::new(io::ErrorKind::InvalidData, other),
        },
    };
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_file_iter(path).map_err(unreadable)?.enumerate() {
        let certificate = certificate.map_err(unreadable)?;
        roots.add(certificate).map_err(|source| SetupError::Certificate {
            path: path.to_owned(),
            number: index + 1,
            source,
        })?;
    }
    if roots.is_empty() { Err(SetupError::NoCertificates { path: path.to_owned() }) } else { Ok(roots) }
}

/// Accepts any certificate. The signatures of the handshake are still verified: they fail only if the server is broken.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
