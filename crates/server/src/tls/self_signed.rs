//! A certificate made here, for trying Eyeline on one's own network. Nobody vouches for it, so browsers warn.

use super::certificates::{Certificate, Certificates};
use crate::local_addresses;
use crate::state_directory::StateDirectory;
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Under the 398 days that Apple's systems accept at most.
const LIFETIME: Duration = DAY.saturating_mul(397);

/// A certificate with less time left is replaced.
const LEAST_REMAINING: Duration = DAY.saturating_mul(30);

/// For clients whose clock is behind.
const BACKDATING: Duration = DAY;

/// Key and certificate in one file: neither is ever there without the other.
const FILE: &str = "self-signed.pem";

pub(crate) struct SelfSigned {
    /// Without one it is made anew by each start, and browsers warn anew.
    state: Option<StateDirectory>,
    certificates: Arc<Certificates>,
}

impl SelfSigned {
    pub(crate) fn load(
        state: Option<StateDirectory>,
        certificates: Arc<Certificates>,
    ) -> Result<Self, String> {
        let own = Self { state, certificates };
        let certificate = match own.kept() {
            Some(certificate) => certificate,
            None => own.make()?,
        };
        own.certificates.replace(certificate);
        Ok(own)
    }

    /// Replaces it before it expires, and when this machine has got another address.
    pub(crate) async fn run(&self) {
        loop {
            tokio::time::sleep(DAY).await;
            if self.certificates.current().is_some_and(|certificate| is_good(&certificate)) {
                continue;
            }
            match self.make() {
                Ok(certificate) => {
                    tracing::warn!(
                        "the self-signed certificate has been replaced: browsers warn once more; its SHA-256 \
                         fingerprint is now {}",
                        certificate.fingerprint()
                    );
                    self.certificates.replace(certificate);
                }
                Err(error) => tracing::error!("{error}"),
            }
        }
    }

    pub(crate) fn description(&self) -> String {
        let fingerprint = self.certificates.current().map(|certificate| certificate.fingerprint());
        format!(
            "Certificate: self-signed, SHA-256 fingerprint\n  {}\n  Browsers warn, since no authority vouches for \
             it. Compare the fingerprint if you like, then choose\n  Chrome, Edge: \"Advanced\", \"Proceed\"; \
             Firefox: \"Advanced\", \"Accept the Risk and Continue\"; Safari: \"Show Details\", \"visit this \
             website\".",
            fingerprint.unwrap_or_default()
        )
    }

    /// What an earlier start has left, if it is still good.
    fn kept(&self) -> Option<Certificate> {
        let pem = match self.state.as_ref()?.read(FILE) {
            Ok(pem) => pem?,
            Err(error) => {
                tracing::warn!(
                    "the self-signed certificate of before cannot be read, so a new one is made: {error}"
                );
                return None;
            }
        };
        Certificate::from_pem(&pem, &pem).ok().filter(is_good)
    }

    fn make(&self) -> Result<Certificate, String> {
        let pem = make().map_err(|error| format!("a self-signed certificate cannot be made: {error}"))?;
        if let Some(state) = &self.state
            && let Err(error) = state.write(FILE, pem.as_bytes())
        {
            let path = state.path().display();
            tracing::warn!(
                "the next start will make another self-signed certificate: {path} does not take it: {error}"
            );
        }
        Certificate::from_pem(pem.as_bytes(), pem.as_bytes())
    }
}

/// Whether it has time left and covers every name and address that this machine has now.
fn is_good(certificate: &Certificate) -> bool {
    let has_time = certificate.remaining().0.is_some_and(|time| time > LEAST_REMAINING);
    has_time && names().iter().all(|name| certificate.covers(name))
}

fn make() -> Result<String, rcgen::Error> {
    let mut parameters = CertificateParams::new(names())?;
    let mut subject = DistinguishedName::new();
    let host = local_addresses::host_name().unwrap_or_else(|| "localhost".to_owned());
    subject.push(DnType::CommonName, format!("Eyeline on {host}"));
    parameters.distinguished_name = subject;
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = OffsetDateTime::now_utc();
    parameters.not_before = now - BACKDATING;
    parameters.not_after = now + LIFETIME;
    let key = KeyPair::generate()?;
    Ok(key.serialize_pem() + &parameters.self_signed(&key)?.pem())
}

/// What people on this network can type: this machine's names and addresses.
fn names() -> Vec<String> {
    let host = local_addresses::host_name();
    // Multicast DNS (RFC 6762): how phones find a computer without a name server.
    let multicast = host.as_ref().filter(|host| !host.contains('.')).map(|host| format!("{host}.local"));
    let names = ["localhost".to_owned()].into_iter().chain(host).chain(multicast);
    let loopback = [IpAddr::from([127, 0, 0, 1]), IpAddr::from(std::net::Ipv6Addr::LOCALHOST)];
    let addresses = loopback.into_iter().chain(local_addresses::all());
    let mut all: Vec<String> = names.chain(addresses.map(|address| address.to_string())).collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_covers_this_machine_and_is_kept_between_starts() {
        let path = std::env::temp_dir().join(format!("eyeline-self-signed-{}", std::process::id()));
        let state = StateDirectory::open(&path).unwrap();
        let load = || {
            let certificates = Arc::new(Certificates::default());
            SelfSigned::load(Some(state.clone()), Arc::clone(&certificates)).unwrap();
            certificates.current().unwrap()
        };
        let first = load();
        for name in ["localhost", "127.0.0.1", "[::1]"] {
            assert!(first.covers(name), "{name}");
        }
        assert!(local_addresses::all().iter().all(|address| first.covers(&address.to_string())));
        assert!(!first.covers("example.org"));
        let remaining = first.remaining().0.unwrap();
        assert!(remaining > DAY * 396 && remaining <= LIFETIME, "{remaining:?}");
        assert_eq!(load().fingerprint(), first.fingerprint());

        state.write(FILE, b"nonsense").unwrap();
        let third = load();
        assert_ne!(third.fingerprint(), first.fingerprint());
        assert_eq!(load().fingerprint(), third.fingerprint());
        std::fs::remove_dir_all(path).unwrap();
    }
}
