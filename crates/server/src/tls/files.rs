//! A certificate in two files, which somebody else renews: certbot, lego, an orchestrator.

use super::certificates::{Certificate, Certificates};
use super::settings::FileSettings;
use crate::state_directory::read_bounded;
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) struct Files {
    settings: FileSettings,
    certificates: Arc<Certificates>,
    /// What was read last, good or bad.
    seen: Mutex<Seen>,
}

/// The content's hash, so that no second copy of the key stays in memory; or why there is none.
type Seen = Result<[u8; 32], String>;

impl Files {
    pub(crate) fn load(settings: FileSettings, certificates: Arc<Certificates>) -> Result<Self, String> {
        let (seen, certificate) = read(&settings);
        let certificate = certificate.map_err(|error| format!("{}: {error}", names(&settings)))?;
        if certificate.remaining().0.is_none() {
            // Served all the same: who looks from outside sees what is wrong.
            tracing::error!("{} has expired: browsers refuse it", settings.certificate.display());
        }
        certificates.replace(certificate);
        Ok(Self { settings, certificates, seen: Mutex::new(seen) })
    }

    /// Looks at the content and not at the times: those have a granularity, and renewal by changing a symbolic link
    /// may bring an older file.
    pub(crate) async fn run(&self) {
        loop {
            tokio::time::sleep(self.settings.reload_interval).await;
            let settings = self.settings.clone();
            // Files may lie on a network.
            if let Ok((seen, certificate)) = tokio::task::spawn_blocking(move || read(&settings)).await {
                self.take(seen, certificate);
            }
        }
    }

    /// One message for each change. While the two files are written one after the other they do not fit together:
    /// the next look finds them right.
    fn take(&self, seen: Seen, certificate: Result<Certificate, String>) {
        let mut before = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *before == seen {
            return;
        }
        *before = seen;
        let fresh = certificate.and_then(|certificate| match certificate.remaining().0 {
            Some(_) => Ok(certificate),
            None => Err("it has expired".to_owned()),
        });
        match fresh {
            Ok(certificate) => {
                let remaining = certificate.remaining();
                self.certificates.replace(certificate);
                tracing::info!("a new certificate is in use; {remaining}");
            }
            Err(error) => {
                tracing::error!("the old certificate stays in use: {}: {error}", names(&self.settings));
            }
        }
    }

    pub(crate) fn description(&self) -> String {
        let remaining = self.certificates.current().map(|certificate| certificate.remaining().to_string());
        format!("Certificate: {}; {}", self.settings.certificate.display(), remaining.unwrap_or_default())
    }
}

fn read(settings: &FileSettings) -> (Seen, Result<Certificate, String>) {
    let content = |path: &Path| read_bounded(path).map_err(|error| format!("{}: {error}", path.display()));
    match (content(&settings.certificate), content(&settings.key)) {
        (Ok(chain), Ok(key)) => {
            let hash = Sha256::new().chain_update(&chain).chain_update([0]).chain_update(&key).finalize();
            let certificate = Certificate::from_pem(&chain, &key);
            (Ok(hash.into()), certificate)
        }
        (Err(error), _) | (_, Err(error)) => (Err(error.clone()), Err(error)),
    }
}

fn names(settings: &FileSettings) -> String {
    format!("{} with {} cannot be used", settings.certificate.display(), settings.key.display())
}
