//! An authority that vouches for the server under test, and that nobody but the tests' browsers trusts.
//!
//! Chromium and Firefox both keep what a person has chosen to trust in a database of the NSS library: Chromium in the
//! home directory, Firefox in the profile. A database made once by Debian's `certutil` is copied to either place, so
//! the browsers check the certificate as they check any. Chromium's flags that let a certificate pass would not do:
//! Firefox opens `turns:` only with a certificate that it trusts.

use anyhow::{Context as _, Result, ensure};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use time::{Duration, OffsetDateTime};

/// An authority of its own for each test.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: PathBuf,
    /// Its certificate, as PEM.
    pub certificate: PathBuf,
    trust: PathBuf,
    issued: AtomicU32,
}

/// A certificate that an authority has issued.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// It and its authority's, as PEM.
    pub chain: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

impl Authority {
    /// A new one, whose files are kept in `folder`.
    pub fn new(folder: &Path) -> Result<Self> {
        let folder = folder.join("certificates");
        let trust = folder.join("trust");
        std::fs::create_dir_all(&trust)?;
        let mut parameters = parameters(&[])?;
        parameters.distinguished_name.push(DnType::CommonName, "Eyeline's tests");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let own = parameters.self_signed(&key)?;
        let certificate = folder.join("authority.pem");
        std::fs::write(&certificate, own.pem())?;
        let database = format!("sql:{}", trust.display());
        certutil(&["-N", "--empty-password", "-d", &database])?;
        let file = certificate.display().to_string();
        // C: an authority for servers' certificates, and for nothing else.
        certutil(&["-A", "-n", "Eyeline's tests", "-t", "C,,", "-i", &file, "-d", &database])?;
        Ok(Self {
            issuer: Issuer::new(parameters, key),
            folder,
            certificate,
            trust,
            issued: AtomicU32::new(0),
        })
    }

    /// A certificate for these host names and addresses.
    pub fn issue(&self, names: &[&str]) -> Result<Certificate> {
        let mut parameters = parameters(names)?;
        parameters.distinguished_name.push(DnType::CommonName, "The server under test");
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        let number = self.issued.fetch_add(1, Ordering::Relaxed);
        let issued = Certificate {
            chain: self.folder.join(format!("server-{number}.pem")),
            key: self.folder.join(format!("server-{number}.key")),
        };
        let own = std::fs::read_to_string(&self.certificate)?;
        std::fs::write(&issued.chain, certificate.pem() + own.as_str())?;
        std::fs::write(&issued.key, key.serialize_pem())?;
        Ok(issued)
    }

    /// The database of somebody who trusts it.
    pub fn trust(&self) -> &Path {
        &self.trust
    }
}

/// Valid for three months, as certificates are today, from yesterday on.
fn parameters(names: &[&str]) -> Result<CertificateParams> {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut parameters = CertificateParams::new(names)?;
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.not_before = OffsetDateTime::now_utc() - Duration::days(1);
    parameters.not_after = OffsetDateTime::now_utc() + Duration::days(89);
    Ok(parameters)
}

fn certutil(arguments: &[&str]) -> Result<()> {
    let output = Command::new("certutil")
        .args(arguments)
        .output()
        .context("certutil is missing: Debian's libnss3-tools has it (`cargo xtask setup` installs it)")?;
    ensure!(
        output.status.success(),
        "certutil {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}
