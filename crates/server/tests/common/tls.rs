//! HTTPS for tests: an authority of their own, and clients that trust it.

use super::{Client, PATIENCE, TestServer, loopback, tcp};
use eyeline_server::{CertificateSource, Configuration, FileSettings, TlsSettings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedKey, DnType, IsCa, KeyPair};
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The name that certificates of these tests have.
pub const NAME: &str = "call.example.test";

/// Tells apart what one test process makes.
static NUMBERS: AtomicU32 = AtomicU32::new(0);

/// Vouches for certificates.
pub struct Authority(CertifiedKey);

impl Authority {
    pub fn new() -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Each its own name, or one would be tried for another.
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        parameters.distinguished_name.push(DnType::CommonName, format!("authority {number}"));
        let key_pair = KeyPair::generate().unwrap();
        Self(CertifiedKey { cert: parameters.self_signed(&key_pair).unwrap(), key_pair })
    }

    /// In PEM form.
    pub fn root(&self) -> String {
        self.0.cert.pem()
    }

    /// Certificate and key in PEM form, valid for this long.
    pub fn issue(&self, names: &[&str], validity: time::Duration) -> (String, String) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut parameters = CertificateParams::new(names).unwrap();
        let now = time::OffsetDateTime::now_utc();
        (parameters.not_before, parameters.not_after) = (now - time::Duration::days(30), now + validity);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.0.cert, &self.0.key_pair).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// A server whose certificate is in files of `folder`, looked at often.
    pub async fn serve(&self, folder: &Folder, change: impl FnOnce(&mut Configuration)) -> TestServer {
        self.renew(folder);
        let mut settings = FileSettings::new(folder.file("certificate.pem"), folder.file("key.pem"));
        settings.reload_interval = Duration::from_millis(20);
        TestServer::start_with(|configuration| {
            configuration.tls = Some(on_loopback(CertificateSource::Files(settings)));
            change(configuration);
        })
        .await
    }

    /// Writes a new certificate for [`NAME`].
    pub fn renew(&self, folder: &Folder) {
        let (certificate, key) = self.issue(&[NAME], time::Duration::days(90));
        folder.write("certificate.pem", &certificate);
        folder.write("key.pem", &key);
    }

    /// A client that trusts nobody else.
    pub fn client(&self) -> ClientConfig {
        trusting(&self.root())
    }
}

pub fn on_loopback(certificate: CertificateSource) -> TlsSettings {
    TlsSettings { listen: vec![(loopback(1), 0).into()], certificate }
}

/// A client that trusts what these roots vouch for.
pub fn trusting(pem: &str) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(root.unwrap()).unwrap();
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    // A session that is resumed shows the certificate of before.
    config.resumption = Resumption::disabled();
    config
}

/// A client that takes any certificate, as a person does who clicks the warning away.
pub fn trusting_anybody() -> ClientConfig {
    let mut config = trusting("");
    config.dangerous().set_certificate_verifier(Arc::new(Anybody));
    config
}

#[derive(Debug)]
struct Anybody;

impl rustls::client::danger::ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// A TLS connection, or why not.
pub async fn try_connect(
    from: u8,
    to: SocketAddr,
    name: &str,
    config: ClientConfig,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = tcp(from, to).await;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let handshake = TlsConnector::from(Arc::new(config)).connect(name, stream);
    tokio::time::timeout(PATIENCE, handshake).await.expect("the handshake hangs")
}

pub async fn connect(from: u8, to: SocketAddr, config: ClientConfig) -> TlsStream<TcpStream> {
    try_connect(from, to, NAME, config).await.unwrap()
}

/// The page's host on a port.
pub fn host(address: SocketAddr) -> String {
    format!("{NAME}:{}", address.port())
}

/// A WebSocket over TLS, opened by the page.
pub async fn open(from: u8, to: SocketAddr, config: ClientConfig) -> Client<TlsStream<TcpStream>> {
    let stream = connect(from, to, config).await;
    Client::through(stream, &host(to), &format!("https://{}", host(to))).await
}

/// Sends bytes, and returns what comes until the server closes.
pub async fn raw(mut stream: TlsStream<TcpStream>, bytes: &[u8]) -> String {
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    let _reset = read.expect("the server did not close");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The whole response to one request.
pub async fn get(to: SocketAddr, config: ClientConfig, path: &str) -> String {
    let stream = connect(250, to, config).await;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", host(to));
    raw(stream, request.as_bytes()).await
}

/// A folder of its own for a test, which goes with it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("eyeline-test-{}-{number}", std::process::id()));
        let _absent = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, content: &str) {
        std::fs::write(self.file(name), content).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _kept = std::fs::remove_dir_all(&self.0);
    }
}

/// What the server logs, line by line, as long as this thread runs its tasks.
pub struct Log {
    lines: tokio::sync::mpsc::UnboundedReceiver<String>,
    _guard: tracing::subscriber::DefaultGuard,
}

impl Log {
    /// Listens from now on. For tests with one thread, as `#[tokio::test]` gives.
    pub fn listen() -> Self {
        let (sender, lines) = tokio::sync::mpsc::unbounded_channel();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || Line { bytes: Vec::new(), sender: sender.clone() })
            .finish();
        Self { lines, _guard: tracing::subscriber::set_default(subscriber) }
    }

    /// Waits for a line with this in it. Longer than anything else: it may be about something to come.
    pub async fn wait_for(&mut self, part: &str) -> String {
        let mut others = Vec::new();
        loop {
            let Ok(line) = tokio::time::timeout(PATIENCE * 3, self.lines.recv()).await else {
                panic!("{part:?} was not logged, but {others:#?}")
            };
            match line {
                Some(line) if line.contains(part) => return line,
                line => others.extend(line),
            }
        }
    }
}

struct Line {
    bytes: Vec<u8>,
    sender: tokio::sync::mpsc::UnboundedSender<String>,
}

impl std::io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _gone = self.sender.send(String::from_utf8_lossy(&self.bytes).into_owned());
    }
}
