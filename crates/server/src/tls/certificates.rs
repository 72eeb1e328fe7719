//! The certificate in use, read from PEM and swapped while connections live.

use rustls::client::verify_server_name;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_acme::{ResolvesServerCertAcme, is_tls_alpn_challenge};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::X509Certificate;

/// A certificate with its chain and its key.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    key: Arc<CertifiedKey>,
    expiry: SystemTime,
}

impl Certificate {
    /// From PEM texts, which may be the same one.
    ///
    /// # Errors
    /// In words that fit behind "the certificate cannot be used: ".
    pub(crate) fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, String> {
        let chain = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| format!("the certificate's PEM is broken: {error}"))?;
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| format!("there is no private key in PEM form: {error}"))?;
        let first = chain.first().ok_or("there is no certificate in PEM form")?;
        let expiry =
            parse(first).ok_or("the first certificate is no X.509 certificate")?.validity().not_after;
        let expiry = UNIX_EPOCH + Duration::from_secs(u64::try_from(expiry.timestamp()).unwrap_or_default());
        let key = CertifiedKey::from_der(chain, key, &super::provider()).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                "the private key is not that of the first certificate".to_owned()
            }
            other => format!("{other}"),
        })?;
        Ok(Self { key: Arc::new(key), expiry })
    }

    /// Whether a browser that asks for `name`, a host name or an address, accepts it.
    pub(crate) fn covers(&self, name: &str) -> bool {
        let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
        self.der().is_some_and(|der| {
            ParsedCertificate::try_from(der)
                .ok()
                .zip(ServerName::try_from(address).ok())
                .is_some_and(|(certificate, name)| verify_server_name(&certificate, &name).is_ok())
        })
    }

    /// The host names in it, wildcards left out.
    pub(crate) fn names(&self) -> Vec<String> {
        self.der().map(host_names).unwrap_or_default()
    }

    /// SHA-256 over the certificate, as browsers show it.
    pub(crate) fn fingerprint(&self) -> String {
        let hash = Sha256::digest(self.der().map(|der| der.as_ref()).unwrap_or_default());
        let bytes: Vec<String> = hash.iter().map(|byte| format!("{byte:02X}")).collect();
        bytes.join(":")
    }

    /// How long it can still be used.
    pub(crate) fn remaining(&self) -> Remaining {
        Remaining(self.expiry.duration_since(SystemTime::now()).ok())
    }

    fn der(&self) -> Option<&CertificateDer<'_>> {
        self.key.end_entity_cert().ok()
    }
}

/// The host names in a certificate, wildcards left out.
pub(crate) fn host_names(der: &CertificateDer<'_>) -> Vec<String> {
    let certificate = parse(der);
    let extension =
        certificate.as_ref().and_then(|certificate| certificate.subject_alternative_name().ok()?);
    let names = extension.map(|extension| extension.value.general_names.as_slice()).unwrap_or_default();
    let host = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) if !name.contains('*') => Some((*name).to_owned()),
        _ => None,
    };
    names.iter().filter_map(host).collect()
}

fn parse<'a>(der: &'a CertificateDer<'_>) -> Option<X509Certificate<'a>> {
    x509_parser::parse_x509_certificate(der).ok().map(|(_, certificate)| certificate)
}

/// The time until a certificate expires; none if it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Remaining(pub(crate) Option<Duration>);

impl fmt::Display for Remaining {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.map(|time| time.as_secs()) {
            None => f.write_str("it has expired"),
            Some(seconds @ 0..172_800) => write!(f, "it expires in {} hours", seconds / 3600),
            Some(seconds) => write!(f, "it expires in {} days", seconds / 86_400),
        }
    }
}

/// What handshakes take their certificate from.
#[derive(Debug, Default)]
pub(crate) struct Certificates(RwLock<Slots>);

#[derive(Debug, Default)]
struct Slots {
    current: Option<Certificate>,
    /// Answers the authority while a certificate is asked for.
    challenge: Option<Arc<ResolvesServerCertAcme>>,
}

impl Certificates {
    pub(crate) fn current(&self) -> Option<Certificate> {
        self.read(|slots| slots.current.clone())
    }

    /// From now on, new connections get this one.
    pub(crate) fn replace(&self, certificate: Certificate) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).current = Some(certificate);
    }

    pub(crate) fn answer_challenges_by(&self, challenge: Arc<ResolvesServerCertAcme>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).challenge = Some(challenge);
    }

    pub(crate) fn http_challenge(&self, token: &str) -> Option<String> {
        self.read(|slots| slots.challenge.as_ref()?.get_http_01_key_auth(token))
    }

    fn read<T>(&self, read: impl FnOnce(&Slots) -> T) -> T {
        read(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Certificates {
    /// One certificate for every name: who asks for another gets a warning, which tells more than a broken
    /// connection. Before the first one, the handshake fails.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if is_tls_alpn_challenge(&hello) {
            return self.read(|slots| slots.challenge.clone())?.resolve(hello);
        }
        self.read(|slots| slots.current.as_ref().map(|certificate| Arc::clone(&certificate.key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};

    fn pem(names: &[&str]) -> (String, String) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    #[test]
    fn names_and_addresses_are_covered_as_browsers_see_it() {
        let (chain, key) = pem(&["call.example.org", "*.example.net", "192.0.2.1", "2001:db8::1"]);
        let certificate = Certificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
        for (name, expected) in [
            ("call.example.org", true),
            ("CALL.example.org", true),
            ("other.example.org", false),
            ("any.example.net", true),
            ("deep.any.example.net", false),
            ("192.0.2.1", true),
            ("192.0.2.2", false),
            ("[2001:db8::1]", true),
            ("[2001:db8::2]", false),
            ("", false),
            ("a b", false),
        ] {
            assert_eq!(certificate.covers(name), expected, "{name}");
        }
        assert_eq!(certificate.names(), ["call.example.org"]);
        assert_eq!(certificate.fingerprint().len(), 32 * 3 - 1);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let ((chain, key), (_, other_key)) = (pem(&["a.example"]), pem(&["a.example"]));
        let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (chain, key, expected) in [
            ("", key.as_str(), "no certificate"),
            (&chain, "", "no private key"),
            (&chain, &other_key, "not that of the first certificate"),
            (nonsense, &key, "no X.509 certificate"),
            (&chain.replace("-----END", "----END"), &key, "PEM is broken"),
        ] {
            let error = Certificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap_err();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn the_time_that_is_left_is_said_in_a_fitting_unit() {
        for (seconds, expected) in [
            (None, "it has expired"),
            (Some(7300), "it expires in 2 hours"),
            (Some(90 * 86_400), "it expires in 90 days"),
        ] {
            assert_eq!(Remaining(seconds.map(Duration::from_secs)).to_string(), expected);
        }
    }
}
