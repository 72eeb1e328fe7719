//! The flags of HTTPS, understood and checked.

use crate::arguments::TlsArguments;
use crate::configuration::{ConfigurationError, require};
use crate::host::Host;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Let's Encrypt.
const DEFAULT_DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Names in one certificate, as many as Let's Encrypt allows.
const DOMAINS: usize = 100;

/// How often the certificate's files are looked at.
const RELOAD_INTERVAL: Duration = Duration::from_secs(5);

/// How HTTPS is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// Where. Port 0 takes a free one.
    pub listen: Vec<SocketAddr>,
    /// With which certificate.
    pub certificate: CertificateSource,
}

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateSource {
    /// From an authority, by ACME (RFC 8555).
    Acme(AcmeSettings),
    /// From files that somebody else renews.
    Files(FileSettings),
    /// Made here; nobody vouches for it.
    SelfSigned,
}

/// How a certificate is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcmeSettings {
    /// The names that it shall have, in lower case. At least one.
    pub domains: Vec<String>,
    /// The authority's directory, an `https://` URL.
    pub directory: String,
    /// Whom the authority may write to.
    pub email: Option<String>,
    /// PEM file with another root certificate by which the authority's own server may be known.
    pub ca_file: Option<PathBuf>,
}

/// A certificate in files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSettings {
    /// PEM file with the chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// PEM file with its private key.
    pub key: PathBuf,
    /// How often they are looked at.
    pub reload_interval: Duration,
}

impl FileSettings {
    /// With the usual interval, five seconds.
    pub fn new(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self { certificate: certificate.into(), key: key.into(), reload_interval: RELOAD_INTERVAL }
    }
}

impl TlsSettings {
    /// `None` without HTTPS.
    pub(crate) fn of(arguments: TlsArguments) -> Result<Option<Self>, ConfigurationError> {
        let listen = arguments.https_listen.clone();
        let Some(certificate) = source(arguments)? else {
            require(
                listen.is_empty(),
                "--https-listen: needs a certificate: --domain, --tls-cert and --tls-key, or --self-signed",
            )?;
            return Ok(None);
        };
        // A trial on one's own network should need no privilege, as ports below 1024 do.
        let port = if certificate == CertificateSource::SelfSigned { 8443 } else { 443 };
        let listen = if listen.is_empty() { vec![everywhere(port)] } else { listen };
        Ok(Some(Self { listen, certificate }))
    }

    /// Where HTTP listens beside it, if nobody says: only to lead people on.
    pub(crate) fn usual_http(&self) -> SocketAddr {
        everywhere(if self.certificate == CertificateSource::SelfSigned { 8080 } else { 80 })
    }
}

fn everywhere(port: u16) -> SocketAddr {
    (std::net::Ipv6Addr::UNSPECIFIED, port).into()
}

fn source(arguments: TlsArguments) -> Result<Option<CertificateSource>, ConfigurationError> {
    let TlsArguments {
        domain, acme_directory, acme_email, acme_ca_file, tls_cert, tls_key, self_signed, ..
    } = arguments;
    let has_acme_details = acme_directory.is_some() || acme_email.is_some() || acme_ca_file.is_some();
    let by_acme = !domain.is_empty();
    require(
        by_acme || !has_acme_details,
        "--acme-directory, --acme-email and --acme-ca-file: need --domain, the name to ask a certificate for",
    )?;
    let files = match (tls_cert, tls_key) {
        (Some(certificate), Some(key)) => Some(FileSettings::new(certificate, key)),
        (None, None) => None,
        _ => return Err(ConfigurationError::new("--tls-cert and --tls-key: each needs the other")),
    };
    require(
        usize::from(by_acme) + usize::from(files.is_some()) + usize::from(self_signed) <= 1,
        "--domain, --tls-cert and --self-signed: only one of them, the certificate comes from one place",
    )?;
    if by_acme {
        let directory = acme_directory.unwrap_or_else(|| DEFAULT_DIRECTORY.to_owned());
        let settings = AcmeSettings { domains: domain, directory, email: acme_email, ca_file: acme_ca_file };
        return settings.checked().map(CertificateSource::Acme).map(Some);
    }
    Ok(files.map(CertificateSource::Files).or(self_signed.then_some(CertificateSource::SelfSigned)))
}

impl AcmeSettings {
    fn checked(mut self) -> Result<Self, ConfigurationError> {
        require(self.domains.len() <= DOMAINS, format!("--domain: at most {DOMAINS} of them"))?;
        for domain in &mut self.domains {
            *domain = domain.trim_end_matches('.').to_ascii_lowercase();
            let is_name = Host::parse(domain).is_some_and(|host| host.name() == domain)
                && domain.contains('.')
                && domain.parse::<IpAddr>().is_err();
            require(
                is_name,
                format!(
                    "--domain {domain}: not a public host name such as call.example.org (for an address or a \
                     local name: --self-signed)"
                ),
            )?;
        }
        require(
            self.directory.starts_with("https://"),
            format!("--acme-directory {}: not of the form https://HOST/PATH", self.directory),
        )?;
        if let Some(email) = &self.email {
            let is_address = email.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty() && !host.is_empty() && !email.contains(char::is_whitespace)
            });
            require(is_address, format!("--acme-email {email}: not of the form NAME@HOST"))?;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use clap::Parser;

    fn parse(flags: &str) -> Result<Option<TlsSettings>, ConfigurationError> {
        let arguments = ["eyeline"].into_iter().chain(flags.split_whitespace());
        TlsSettings::of(Arguments::try_parse_from(arguments).unwrap().serve.tls)
    }

    #[test]
    fn without_a_certificate_there_is_no_https() {
        assert_eq!(parse("").unwrap(), None);
    }

    #[test]
    fn a_domain_is_enough() {
        let settings = parse("--domain Call.Example.org. --domain www.example.org").unwrap().unwrap();
        assert_eq!(settings.listen, ["[::]:443".parse().unwrap()]);
        assert_eq!(settings.usual_http(), "[::]:80".parse().unwrap());
        let CertificateSource::Acme(acme) = settings.certificate else { panic!("{settings:?}") };
        assert_eq!(acme.domains, ["call.example.org", "www.example.org"]);
        assert_eq!(acme.directory, "https://acme-v02.api.letsencrypt.org/directory");
    }

    #[test]
    fn a_trial_needs_no_privileged_port() {
        let settings = parse("--self-signed").unwrap().unwrap();
        assert_eq!(settings.listen, ["[::]:8443".parse().unwrap()]);
        assert_eq!(settings.usual_http(), "[::]:8080".parse().unwrap());
    }

    #[test]
    fn nonsense_is_refused_with_the_name_of_its_flag() {
        for (flags, part) in [
            ("--https-listen [::]:443", "--https-listen: needs a certificate"),
            ("--domain call.example.org --self-signed", "only one of them"),
            ("--domain call.example.org --tls-cert a --tls-key b", "only one of them"),
            ("--tls-cert a --tls-key b --self-signed", "only one of them"),
            ("--tls-cert a", "--tls-cert and --tls-key"),
            ("--tls-key a --self-signed", "--tls-cert and --tls-key"),
            ("--domain 192.0.2.1", "--domain 192.0.2.1"),
            ("--domain localhost", "--domain localhost"),
            ("--domain *.example.org", "--domain *.example.org"),
            ("--domain call.example.org:443", "--domain call.example.org:443"),
            ("--domain https://call.example.org", "--domain https://call.example.org"),
            ("--acme-email me@example.org", "need --domain"),
            ("--self-signed --acme-directory https://example.org/", "need --domain"),
            ("--domain call.example.org --acme-directory http://example.org/", "--acme-directory"),
            ("--domain call.example.org --acme-email me", "--acme-email me"),
        ] {
            let error = parse(flags).expect_err(flags).to_string();
            assert!(error.contains(part), "{flags}: {error}");
        }
    }
}
