//! HTTPS: where the certificate comes from, and what follows from that.
//!
//! Three sources: an authority, by ACME (`acme`); two files, read again when they change (`files`); or made here, for
//! a network without names (`self_signed`). All of them put what they have into `certificates`, from which each
//! handshake takes it: a new certificate disturbs no open connection.

mod acme;
mod certificates;
mod files;
mod self_signed;
pub(crate) mod settings;

pub(crate) use certificates::{Certificate, Certificates, host_names};

use crate::Error;
use crate::host::Host;
use crate::state_directory::StateDirectory;
use acme::Acme;
use files::Files;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use self_signed::SelfSigned;
use settings::{CertificateSource, TlsSettings};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// The protocol of ACME's challenge by TLS (RFC 8737, 6.2).
pub(crate) const ACME_PROTOCOL: &[u8] = b"acme-tls/1";

/// HTTP/1.1 alone: WebSockets over HTTP/2 (RFC 8441) would be another kind of stream, for a page of few files.
const PROTOCOLS: [&[u8]; 2] = [b"http/1.1", ACME_PROTOCOL];

/// Everything that a TLS listener needs.
pub(crate) struct Tls {
    config: Arc<ServerConfig>,
    certificates: Arc<Certificates>,
    source: Source,
}

enum Source {
    Acme(Acme),
    Files(Files),
    SelfSigned(SelfSigned),
}

impl Tls {
    /// Reads or makes the certificate; with ACME there may be none yet.
    ///
    /// # Errors
    /// When there cannot be one: a file is missing or broken.
    pub(crate) fn load(settings: TlsSettings, state: Option<&StateDirectory>) -> Result<Self, Error> {
        let certificates = Arc::new(Certificates::default());
        let source = match settings.certificate {
            CertificateSource::Acme(settings) => {
                Acme::new(settings, state, Arc::clone(&certificates)).map(Source::Acme)
            }
            CertificateSource::Files(settings) => {
                Files::load(settings, Arc::clone(&certificates)).map(Source::Files)
            }
            CertificateSource::SelfSigned => {
                SelfSigned::load(state.cloned(), Arc::clone(&certificates)).map(Source::SelfSigned)
            }
        };
        let source = source.map_err(Error::Certificate)?;
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Certificate(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&certificates) as Arc<_>);
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(Self { config: Arc::new(config), certificates, source })
    }

    /// Keeps the certificate fresh. Never returns.
    pub(crate) async fn run(&self) {
        match &self.source {
            Source::Acme(acme) => acme.run().await,
            Source::Files(files) => files.run().await,
            Source::SelfSigned(own) => own.run().await,
        }
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// The certificate in use; none before the authority has given the first.
    pub(crate) fn certificate(&self) -> Option<Certificate> {
        self.certificates.current()
    }

    /// The answer to an authority that asks over HTTP (RFC 8555, 8.3).
    pub(crate) fn http_challenge(&self, token: &str) -> Option<String> {
        self.certificates.http_challenge(token)
    }

    /// The name under which a request for `host` shall come again over HTTPS: its own if it is ours, else the first
    /// of ours, if we know it. Anything else would let a stranger's page lead people through us.
    pub(crate) fn name_for(&self, host: &Host) -> Option<String> {
        let requested = host.name().trim_end_matches('.');
        match &self.source {
            Source::Acme(acme) => {
                let own = acme.domains().iter().find(|domain| *domain == requested);
                own.or(acme.domains().first()).cloned()
            }
            Source::Files(_) => {
                let is_covered = self.certificate().is_some_and(|certificate| certificate.covers(requested));
                is_covered.then(|| requested.to_owned())
            }
            Source::SelfSigned(_) => Some(requested.to_owned()),
        }
    }

    /// Whether browsers may be told to come over HTTPS only, for years. Never with a certificate that no authority
    /// vouches for: with HSTS, a browser lets nobody click its warning away (RFC 6797, 12.1).
    pub(crate) fn is_vouched_for(&self) -> bool {
        !matches!(self.source, Source::SelfSigned(_))
    }

    /// The names that people should use, if they are known.
    pub(crate) fn names(&self) -> Vec<String> {
        match &self.source {
            Source::Acme(acme) => acme.domains().to_vec(),
            Source::Files(_) => self.certificate().map(|certificate| certificate.names()).unwrap_or_default(),
            Source::SelfSigned(_) => Vec::new(),
        }
    }

    /// Where the certificate comes from, and what to do about it, for the one who starts the server.
    pub(crate) fn description(&self) -> String {
        match &self.source {
            Source::Acme(acme) => acme.description(),
            Source::Files(files) => files.description(),
            Source::SelfSigned(own) => own.description(),
        }
    }
}

/// The one cryptography provider of this program. Given by hand everywhere, since a process-wide default would be
/// chosen by whichever library comes first.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
