//! A certificate from an authority, by ACME (RFC 8555): asked for, kept in the state directory, renewed when a third of
//! its time is left.
//!
//! `rustls-acme` does the asking. Ours are the pace (it would try again after 1, 2, 4, 8 seconds and so meet Let's
//! Encrypt's limit of five failures an hour within half a minute), the deadlines, the change between the two kinds of
//! proof, and the words.

use super::certificates::{Certificate, Certificates};
use super::settings::AcmeSettings;
use crate::state_directory::{StateDirectory, read_bounded};
use async_trait::async_trait;
use data_encoding::HEXLOWER;
use futures_util::StreamExt as _;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_acme::acme::Auth;
use rustls_acme::{AccountCache, AcmeConfig, CertCache, EventError, EventOk, OrderError, UseChallenge};
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The pauses after failures in a row; the last one again and again. At most five tries in the first hour: the
/// authority counts.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(60 * 60),
];

/// From the first request to the certificate. Proofs take seconds; each waits half a minute at most.
const ORDER_DEADLINE: Duration = Duration::from_secs(10 * 60);

/// How often everything begins again with what is kept. The library has no deadline of its own: a renewal that hangs
/// is taken up again after this.
const RESTART_INTERVAL: Duration = Duration::from_secs(6 * 3600);

pub(crate) struct Acme {
    settings: AcmeSettings,
    client: Arc<ClientConfig>,
    store: Store,
    certificates: Arc<Certificates>,
}

impl Acme {
    /// Asks nobody yet, but serves what is kept.
    pub(crate) fn new(
        settings: AcmeSettings,
        state: Option<&StateDirectory>,
        certificates: Arc<Certificates>,
    ) -> Result<Self, String> {
        let state = state.ok_or("--domain needs --state-directory, to keep the certificate in")?;
        let folder = state.folder("acme").map_err(|error| {
            format!("the folder acme in {} cannot be made: {error}", state.path().display())
        })?;
        let client = client(&settings)?;
        let store = Store { folder, certificates: Arc::clone(&certificates), held: Arc::default() };
        let name = certificate_file(&settings.domains, &settings.directory);
        if let Ok(Some(pem)) = store.folder.read(&name)
            && let Ok(certificate) = Certificate::from_pem(&pem, &pem)
        {
            certificates.replace(certificate);
        }
        Ok(Self { settings, client, store, certificates })
    }

    pub(crate) fn domains(&self) -> &[String] {
        &self.settings.domains
    }

    pub(crate) fn description(&self) -> String {
        let authority = self.authority();
        match self.certificates.current() {
            Some(certificate) => format!("Certificate: by {authority}; {}", certificate.remaining()),
            None => {
                format!("Certificate: being asked for at {authority}; until then browsers cannot connect")
            }
        }
    }

    /// Asks and renews. Never returns.
    pub(crate) async fn run(&self) {
        let mut failures = 0;
        loop {
            // An authority that cannot reach the one port may reach the other.
            let challenge = if failures % 2 == 0 { UseChallenge::TlsAlpn01 } else { UseChallenge::Http01 };
            if let Err(failure) = self.carry(challenge, &mut failures).await {
                let pause = PAUSES.get(failures).or(PAUSES.last()).copied().unwrap_or(RESTART_INTERVAL);
                failures += 1;
                let (names, seconds) = (self.settings.domains.join(", "), pause.as_secs());
                tracing::error!("no certificate for {names}: {failure} (next try in {seconds} s)");
                tokio::time::sleep(pause).await;
            }
        }
    }

    /// Until something fails, or it is time to begin again.
    async fn carry(&self, challenge: UseChallenge, failures: &mut usize) -> Result<(), Failure> {
        let settings = &self.settings;
        let mut state =
            AcmeConfig::<Infallible>::new_with_client_config(&settings.domains, Arc::clone(&self.client))
                .contact(settings.email.iter().map(|email| format!("mailto:{email}")))
                .directory(&settings.directory)
                .challenge_type(challenge)
                .cache(self.store.clone())
                .state();
        self.certificates.answer_challenges_by(state.resolver());
        let mut has_certificate = false;
        loop {
            let patience = if has_certificate { RESTART_INTERVAL } else { ORDER_DEADLINE };
            let Ok(event) = tokio::time::timeout(patience, state.next()).await else {
                return if has_certificate { Ok(()) } else { Err(Failure::Late(self.authority())) };
            };
            match event {
                Some(Ok(EventOk::DeployedNewCert)) => {
                    *failures = 0;
                    has_certificate = true;
                }
                // Not the end of the failures: it may be the one that could not be renewed.
                Some(Ok(EventOk::DeployedCachedCert)) => has_certificate = true,
                Some(Ok(EventOk::CertCacheStore | EventOk::AccountCacheStore)) => {}
                Some(Err(EventError::Order(error))) => return Err(Failure::Order(error, self.authority())),
                Some(Err(EventError::NewCertParse(error))) => {
                    return Err(Failure::Broken(error.to_string(), self.authority()));
                }
                Some(Err(EventError::CachedCertParse(error))) => {
                    tracing::warn!(
                        "the certificate that was kept is broken, so another is asked for: {error}"
                    );
                }
                Some(Err(error)) => {
                    let folder = self.store.folder.path().display();
                    tracing::error!(
                        "{folder} cannot be used, so each start will ask for another certificate, of which the \
                         authority gives only some a week: {error}"
                    );
                }
                None => return Ok(()),
            }
        }
    }

    /// The host of the authority.
    fn authority(&self) -> String {
        let rest = self.settings.directory.strip_prefix("https://").unwrap_or_default();
        rest.split('/').next().unwrap_or_default().to_owned()
    }
}

/// Trusts what the system trusts, and the extra root.
fn client(settings: &AcmeSettings) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = &settings.ca_file {
        let failed = |error: &dyn fmt::Display| format!("--acme-ca-file {}: {error}", path.display());
        let pem = read_bounded(path).map_err(|error| failed(&error))?;
        let certificates = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| failed(&error))?;
        let (added, _) = roots.add_parsable_certificates(certificates);
        if added == 0 {
            return Err(failed(&"there is no certificate in PEM form"));
        }
    }
    if roots.is_empty() {
        return Err(
            "this system has no root certificates by which the authority could be known: install the \
                    package ca-certificates, or give --acme-ca-file"
                .to_owned(),
        );
    }
    let client = ClientConfig::builder_with_provider(super::provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(client))
}

/// Why there is no new certificate.
enum Failure {
    Order(OrderError, String),
    Broken(String, String),
    Late(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error, authority) => {
                write!(f, "{authority} gave a certificate that cannot be used: {error}")
            }
            Self::Late(authority) => write!(f, "{authority} did not finish within ten minutes"),
            Self::Order(OrderError::BadAuth(proof), authority) => {
                let rustls_acme::acme::Identifier::Dns(name) = &proof.identifier;
                write!(
                    f,
                    "{authority} could not check that {name} is this machine: {}. The name must point here, and \
                     the ports 443 and 80 must be open to the world",
                    Detail(proof)
                )
            }
            Self::Order(OrderError::TooManyAttemptsAuth(name), authority) => {
                write!(f, "{authority} did not come to check that {name} is this machine")
            }
            Self::Order(OrderError::Acme(error), authority) => {
                let text = error.to_string();
                match meaning(&text) {
                    Some(meaning) => write!(f, "{authority} {meaning} ({text})"),
                    None => write!(f, "{authority} could not be asked: {text}"),
                }
            }
            Self::Order(error, authority) => write!(f, "{authority} gave none: {error}"),
        }
    }
}

/// The usual reasons in words that say what to do. The library's types for them are private, so they are known by
/// their texts; a text that changes loses its explanation, and is still shown.
fn meaning(error: &str) -> Option<&'static str> {
    [
        (
            "InvalidCertificate",
            "is not trusted: its own certificate is not known here (--acme-ca-file adds a root)",
        ),
        ("TcpConnect", "cannot be reached from here"),
        ("rateLimited", "was asked too often, and must be left alone for a while"),
        ("rejectedIdentifier", "gives no certificates for such a name"),
        ("invalidContact", "does not take this --acme-email"),
    ]
    .into_iter()
    .find_map(|(part, meaning)| error.contains(part).then_some(meaning))
}

/// What the authority says about a proof that failed.
struct Detail<'a>(&'a Auth);

impl fmt::Display for Detail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = self.0.challenges.iter().find_map(|challenge| challenge.error.as_ref());
        let detail = problem.and_then(|problem| problem.detail.as_deref());
        f.write_str(detail.unwrap_or("it gave no reason").trim_end_matches('.'))
    }
}

/// Keeps account and certificate in files, and puts each certificate to use.
#[derive(Clone)]
struct Store {
    folder: StateDirectory,
    certificates: Arc<Certificates>,
    /// The certificate of this run, should the folder not take it: without it, each beginning would ask anew.
    held: Arc<Mutex<Option<Vec<u8>>>>,
}

#[async_trait]
impl CertCache for Store {
    type EC = io::Error;

    async fn load_cert(&self, domains: &[String], directory: &str) -> io::Result<Option<Vec<u8>>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match held {
            Some(pem) => Ok(Some(pem)),
            None => self.folder.read(&certificate_file(domains, directory)),
        }
    }

    async fn store_cert(&self, domains: &[String], directory: &str, pem: &[u8]) -> io::Result<()> {
        match Certificate::from_pem(pem, pem) {
            Ok(certificate) => {
                let remaining = certificate.remaining();
                self.certificates.replace(certificate);
                tracing::info!("a certificate for {} is in use; {remaining}", domains.join(", "));
            }
            Err(error) => tracing::error!("the authority's certificate cannot be used: {error}"),
        }
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(pem.to_vec());
        self.folder.write(&certificate_file(domains, directory), pem)
    }
}

#[async_trait]
impl AccountCache for Store {
    type EA = io::Error;

    async fn load_account(&self, contact: &[String], directory: &str) -> io::Result<Option<Vec<u8>>> {
        self.folder.read(&account_file(contact, directory))
    }

    async fn store_account(&self, contact: &[String], directory: &str, key: &[u8]) -> io::Result<()> {
        self.folder.write(&account_file(contact, directory), key)
    }
}

fn certificate_file(domains: &[String], directory: &str) -> String {
    format!("certificate-{}.pem", digest(domains, directory))
}

fn account_file(contact: &[String], directory: &str) -> String {
    format!("account-{}.key", digest(contact, directory))
}

/// Each authority and each set of names has its own file: a trial with the staging authority spoils nothing.
fn digest(parts: &[String], directory: &str) -> String {
    let mut hash = Sha256::new();
    for part in parts.iter().map(String::as_str).chain([directory]) {
        hash.update(part);
        hash.update([0]);
    }
    HEXLOWER.encode(hash.finalize().get(..8).unwrap_or_default())
}
