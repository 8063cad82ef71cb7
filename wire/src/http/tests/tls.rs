use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::harness::{LIMIT_BYTES, Server, get, thread_timer};
use crate::http::{Client, ClientConfig, RequestError, SetupError, TlsRoots};

/// A temporary file, removed on drop.
struct CaFile {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl CaFile {
    fn with(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, text).unwrap();
        Self { _folder: folder, path }
    }

    fn config(&self) -> ClientConfig {
        ClientConfig { tls: TlsRoots::CaFile(self.path.clone()), ..ClientConfig::default() }
    }
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A TLS server with a certificate for `127.0.0.1` that serves two requests per connection and then closes it, with or
/// without `close_notify`.
async fn start(issuer: &CertifiedIssuer<'static, KeyPair>, response: &'static str, close: Close) -> Server {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Server::start(move |_, peer| {
        let acceptor = acceptor.clone();
        async move {
            // A client that does not trust the certificate disconnects here.
            let Ok(mut stream) = acceptor.accept(peer.into_stream()).await else { return };
            for _ in 0..2 {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") && stream.read_buf(&mut request).await.unwrap_or(0) > 0
                {
                }
                stream.write_all(response.as_bytes()).await.unwrap();
                stream.flush().await.unwrap();
                if matches!(close, Close::Rudely) {
                    return;
                }
            }
            stream.shutdown().await.unwrap();
        }
    })
    .await
}

#[derive(Clone, Copy)]
enum Close {
    WithNotice,
    Rudely,
}

fn target(server: &Server) -> crate::Target {
    format!("https://{}", server.addr).parse().unwrap()
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn server_with_trusted_authority_is_accepted() {
    let issuer = authority("one");
    let server = start(&issuer, OK, Close::WithNotice).await;
    let ca = CaFile::with(&issuer.pem());
    let client = Client::new(target(&server), ca.config(), thread_timer()).unwrap();
    let mut connection = client.connection();
    for reused in [false, true] {
        let mut response = connection.send(get("/")).await.unwrap();
        assert_eq!(response.collect(LIMIT_BYTES).await.unwrap(), "ok");
        let timestamps = response.timestamps();
        assert_eq!(timestamps.reused, reused);
        assert!(
            [timestamps.started, timestamps.sent, timestamps.first_byte, timestamps.headers].is_sorted(),
            "{timestamps:?}"
        );
    }
}

#[tokio::test]
async fn authorities_of_a_folder_are_trusted() {
    let issuer = authority("one");
    let server = start(&issuer, OK, Close::WithNotice).await;
    let ca = CaFile::with(&issuer.pem());
    let folder = ca.path.parent().unwrap().to_owned();
    std::fs::write(folder.join("README"), "no certificate").unwrap();
    std::fs::create_dir(folder.join("empty")).unwrap();
    let config = |folder| ClientConfig { tls: TlsRoots::CaFile(folder), ..ClientConfig::default() };
    let client = Client::new(target(&server), config(folder.clone()), thread_timer()).unwrap();
    let mut connection = client.connection();
    let mut response = connection.send(get("/")).await.unwrap();
    assert_eq!(response.collect(LIMIT_BYTES).await.unwrap(), "ok");
    let empty = Client::new(target(&server), config(folder.join("empty")), thread_timer()).map(drop);
    assert!(matches!(empty, Err(SetupError::NoCertificates { .. })), "{empty:?}");
}

#[tokio::test]
async fn server_with_other_authority_is_rejected() {
    let server = start(&authority("one"), OK, Close::WithNotice).await;
    let ca = CaFile::with(&authority("another").pem());
    for config in [ca.config(), ClientConfig::default()] {
        let client = Client::new(target(&server), config, thread_timer()).unwrap();
        let failure = client.connection().send(get("/")).await.unwrap_err();
        assert!(matches!(failure, RequestError::Tls { .. }), "{failure:?}");
        assert_eq!(
            failure.to_string(),
            "TLS handshake with 127.0.0.1 failed: invalid peer certificate: UnknownIssuer"
        );
    }
}

#[tokio::test]
async fn any_certificate_is_accepted_on_request() {
    let server = start(&authority("one"), OK, Close::WithNotice).await;
    let config = ClientConfig { tls: TlsRoots::AcceptAny, ..ClientConfig::default() };
    // The certificate is for another name, too.
    let target = format!("https://localhost:{}", server.addr.port()).parse().unwrap();
    let client = Client::new(target, config, thread_timer()).unwrap();
    let mut connection = client.connection();
    let mut response = connection.send(get("/")).await.unwrap();
    assert_eq!(response.collect(LIMIT_BYTES).await.unwrap(), "ok");
}

#[tokio::test]
async fn server_without_tls_fails_handshake() {
    let server =
        Server::start(|_, mut peer| async move { peer.write("HTTP/1.1 400 Bad Request\r\n\r\n").await })
            .await;
    let client = Client::new(target(&server), ClientConfig::default(), thread_timer()).unwrap();
    let failure = client.connection().send(get("/")).await.unwrap_err();
    assert!(matches!(failure, RequestError::Tls { .. }), "{failure:?}");
}

/// Without a length, only `close_notify` distinguishes a complete body from a truncated one.
#[tokio::test]
async fn close_without_notify_is_truncated() {
    const ENDLESS: &str = "HTTP/1.1 200 OK\r\n\r\npart";
    let issuer = authority("one");
    let server = start(&issuer, ENDLESS, Close::Rudely).await;
    let ca = CaFile::with(&issuer.pem());
    let client = Client::new(target(&server), ca.config(), thread_timer()).unwrap();
    let mut connection = client.connection();
    let failure = connection.send(get("/")).await.unwrap().collect(LIMIT_BYTES).await.unwrap_err();
    assert!(matches!(failure, RequestError::Truncated { .. }), "{failure:?}");
}

#[tokio::test]
async fn ca_file_without_certificate_is_rejected() {
    let refusal = |config| Client::new("https://h".parse().unwrap(), config, thread_timer()).unwrap_err();
    let missing =
        ClientConfig { tls: TlsRoots::CaFile("no/such/file.pem".into()), ..ClientConfig::default() };
    insta::assert_snapshot!(
        refusal(missing),
        @"cannot read the certificate authorities in no/such/file.pem: No such file or directory (os error 2)"
    );
    assert!(matches!(refusal(CaFile::with("nothing\n").config()), SetupError::NoCertificates { .. }));
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(matches!(refusal(CaFile::with(broken).config()), SetupError::Certificate { number: 1, .. }));
    let cut = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    assert!(matches!(refusal(CaFile::with(cut).config()), SetupError::CaFile { .. }));
}
