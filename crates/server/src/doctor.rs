//! `eyeline doctor`: says in plain words what will not work, and why.
//!
//! Knows: how a browser meets a server, step by step; what a machine needs to serve; the words for what is wrong.
//! Must not know: how the server does what it does. The doctor asks from outside, with nothing that a visitor's
//! browser does not have; only of the machine it stands on it knows more.
//!
//! # Layout
//! - `facts`: what can be seen. `gather`: sees it; all input and output is there.
//! - `findings`: a pure function from facts to findings: what was seen, what it means for calls, what to do.
//! - `report`: findings as text and as JSON.

mod facts;
mod findings;
mod gather;
mod report;

use crate::arguments::DoctorArguments;
use crate::host::Host;
use crate::tls::settings::CertificateSource;
use crate::{Configuration, ConfigurationError};
use facts::Target;
use findings::{Finding, Level};
use std::fmt;
use std::io::{self, Write as _};

/// How an examination ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Nothing that keeps calls from working was found.
    Good,
    /// Something was.
    Problems,
}

/// Why nothing could be examined.
#[derive(Debug)]
pub enum DoctorError {
    /// What should be examined is no address of a server.
    Target(String),
    /// The flags of `serve` make no sense.
    Configuration(ConfigurationError),
    /// This machine lacks what the doctor needs.
    Tools(io::Error),
}

impl fmt::Display for DoctorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(text) => {
                write!(f, "{text}: not an address of a server, such as https://call.example.org")
            }
            Self::Configuration(error) => error.fmt(f),
            Self::Tools(error) => write!(f, "the examination could not begin: {error}"),
        }
    }
}

impl std::error::Error for DoctorError {}

/// Examines a server, and prints what was found on standard output.
///
/// # Errors
/// When nothing could be examined.
pub async fn run(arguments: DoctorArguments) -> Result<Health, DoctorError> {
    let configuration = Configuration::try_from(arguments.serve).map_err(DoctorError::Configuration)?;
    let named = arguments.server.is_some();
    let target = match &arguments.server {
        Some(text) => parse(text).ok_or_else(|| DoctorError::Target(text.clone()))?,
        None => own(&configuration),
    };
    if !arguments.json {
        eprintln!("Asking {target} …");
    }
    let facts = gather::gather(target, named, &configuration).await.map_err(DoctorError::Tools)?;
    let findings = findings::findings(&facts);
    let report = if arguments.json {
        report::json(&facts, &findings).map_err(|error| DoctorError::Tools(error.into()))?
    } else {
        report::text(&facts, &findings)
    };
    // Whoever closed the pipe has read enough.
    let _printed = io::stdout().write_all(report.as_bytes());
    Ok(health(&findings))
}

fn health(findings: &[Finding]) -> Health {
    let is_problem = |finding: &Finding| finding.level == Level::Problem;
    if findings.iter().any(is_problem) { Health::Problems } else { Health::Good }
}

/// `https://HOST`, `http://HOST`, or a bare `HOST`, which means HTTPS; a slash may follow.
fn parse(text: &str) -> Option<Target> {
    let (secure, rest) = match text.split_once("://") {
        Some(("https", rest)) => (true, rest),
        Some(("http", rest)) => (false, rest),
        Some(_) => return None,
        None => (true, text),
    };
    let host = Host::parse(rest.strip_suffix('/').unwrap_or(rest))?;
    let port = host.port().unwrap_or(if secure { 443 } else { 80 });
    let name = host.name();
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    Some(Target { secure, host: name.to_owned(), port })
}

/// What `serve` would serve with the same flags: by its first name, if it has one.
fn own(configuration: &Configuration) -> Target {
    let (secure, listen) = match &configuration.tls {
        Some(tls) => (true, &tls.listen),
        None => (false, &configuration.listen),
    };
    let usual = if secure { 443 } else { 8080 };
    let port = listen.first().map_or(usual, |address| address.port());
    let domain = match configuration.tls.as_ref().map(|tls| &tls.certificate) {
        Some(CertificateSource::Acme(acme)) => acme.domains.first().cloned(),
        Some(CertificateSource::Files(files)) => gather::name_in(&files.certificate),
        Some(CertificateSource::SelfSigned) | None => None,
    };
    // A listener on one address only is not at localhost.
    let address = listen.first().map(|address| address.ip()).filter(|address| !address.is_unspecified());
    let host = domain.or_else(|| address.map(|address| address.to_string()));
    Target { secure, host: host.unwrap_or_else(|| "localhost".to_owned()), port }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_as_people_write_it() {
        for (text, expected) in [
            ("https://call.example.org", Some("https://call.example.org")),
            ("https://Call.Example.org/", Some("https://call.example.org")),
            ("call.example.org", Some("https://call.example.org")),
            ("call.example.org:8443", Some("https://call.example.org:8443")),
            ("http://localhost:8080", Some("http://localhost:8080")),
            ("http://127.0.0.1", Some("http://127.0.0.1")),
            ("https://[2001:db8::1]:8443", Some("https://[2001:db8::1]:8443")),
            ("https://call.example.org/room", None),
            ("https://call.example.org/#1abc", None),
            ("ftp://call.example.org", None),
            ("https://user@call.example.org", None),
            ("https://", None),
            ("", None),
        ] {
            let target = parse(text).map(|target| target.to_string());
            assert_eq!(target.as_deref(), expected, "{text:?}");
        }
    }
}
