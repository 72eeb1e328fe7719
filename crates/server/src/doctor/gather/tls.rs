//! TLS that looks at the certificate and goes on whatever it is: what is behind a bad certificate is worth knowing
//! too, and nothing that is sent there is secret.

use super::PATIENCE;
use crate::doctor::facts::{Certificate, Verdict};
use crate::state_directory::read_bounded;
use crate::tls::host_names;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// The system's certificate authorities, and the cryptography.
pub(super) struct Tls {
    provider: Arc<CryptoProvider>,
    /// None where the system has no authorities.
    verifier: Option<Arc<WebPkiServerVerifier>>,
}

impl Tls {
    pub(super) fn new() -> io::Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        // Also from SSL_CERT_FILE, as other programs do. Errors for single files leave the others.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let verifier = if roots.is_empty() {
            None
        } else {
            let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
            Some(builder.build().map_err(io::Error::other)?)
        };
        Ok(Self { provider, verifier })
    }

    /// The handshake, as a browser makes it for `host`; and the certificate, if it came that far.
    pub(super) async fn connect(
        &self,
        stream: TcpStream,
        host: &str,
    ) -> (Result<TlsStream<TcpStream>, String>, Option<Certificate>) {
        let name = match ServerName::try_from(host.to_owned()) {
            Ok(name) => name,
            Err(error) => return (Err(error.to_string()), None),
        };
        let witness = Arc::new(Witness {
            verifier: self.verifier.clone(),
            provider: Arc::clone(&self.provider),
            seen: Mutex::default(),
        });
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions();
        let config = match builder {
            Ok(builder) => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::clone(&witness) as Arc<dyn ServerCertVerifier>)
                .with_no_client_auth(),
            Err(error) => return (Err(error.to_string()), None),
        };
        let handshake = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let connected = match timeout(PATIENCE, handshake).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the handshake gets no answer".to_owned()),
        };
        let seen = witness.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        (connected, seen)
    }
}

/// A verifier that remembers what it would have said, and says yes.
#[derive(Debug)]
struct Witness {
    verifier: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    seen: Mutex<Option<Certificate>>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = self.verifier.as_ref().map_or(Verdict::NotChecked, |verifier| {
            let verified =
                verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
            verdict(verified.map(|_| ()))
        });
        let mut certificate = describe(end_entity, now);
        certificate.chain_length = intermediates.len() + 1;
        // Without a known authority the verifier does not come to the dates.
        certificate.verdict =
            if verdict == Verdict::Unknown && certificate.days_left < 0 { Verdict::Expired } else { verdict };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(certificate);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn verdict(verified: Result<(), rustls::Error>) -> Verdict {
    match verified {
        Ok(()) => Verdict::Trusted,
        Err(rustls::Error::InvalidCertificate(error)) => match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Verdict::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Verdict::NotYetValid
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Verdict::WrongName
            }
            CertificateError::UnknownIssuer => Verdict::Unknown,
            other => Verdict::Other(other.to_string()),
        },
        Err(other) => Verdict::Other(other.to_string()),
    }
}

/// What a certificate says of itself.
fn describe(der: &CertificateDer<'_>, now: UnixTime) -> Certificate {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else { return Certificate::default() };
    let end = certificate.validity().not_after.timestamp();
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.map(|names| names.value.general_names.iter().filter_map(name).collect());
    Certificate {
        verdict: Verdict::NotChecked,
        chain_length: 1,
        self_signed: certificate.issuer().as_raw() == certificate.subject().as_raw(),
        issuer: certificate.issuer().to_string(),
        names: names.unwrap_or_default(),
        days_left: end.saturating_sub(now).div_euclid(86_400),
    }
}

/// The first name of the certificate in a PEM file; none if it has only addresses and wildcards.
pub(in crate::doctor) fn name_in(file: &Path) -> Option<String> {
    let der = CertificateDer::from_pem_slice(&read_bounded(file).ok()?).ok()?;
    host_names(&der).into_iter().next()
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(|bytes| std::net::IpAddr::from(bytes).to_string());
            let v6 = <[u8; 16]>::try_from(*bytes).map(|bytes| std::net::IpAddr::from(bytes).to_string());
            v4.or(v6).ok()
        }
        _ => None,
    }
}
