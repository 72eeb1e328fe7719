//! The secret behind the relay's credentials, in a file, so that credentials outlive a restart and
//! `eyeline relay-credential` can make some.

use crate::state_directory::{StateDirectory, read_bounded};
use data_encoding::HEXLOWER_PERMISSIVE;
use eyeline_relay::credential::{KEY_BYTES, Key};
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The name of the file in the state directory.
pub(crate) const FILE_NAME: &str = "relay-key";

/// Where the key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// In memory, a new one at each start.
    Memory,
    /// In this file, which is made if it is missing.
    File(PathBuf),
    /// The same, but nobody has asked for it: if that is not possible, in memory.
    UsualFile(PathBuf),
}

/// Why there is no key.
#[derive(Debug)]
pub struct KeyError {
    path: PathBuf,
    kind: KeyErrorKind,
}

#[derive(Debug)]
enum KeyErrorKind {
    Read(std::io::Error),
    Write(std::io::Error),
    Missing,
    NoKey,
    Random(getrandom::Error),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.kind {
            KeyErrorKind::Read(error) => write!(f, "the relay's key cannot be read from {path}: {error}"),
            KeyErrorKind::Write(error) => write!(
                f,
                "the relay's key cannot be written to {path}: {error} (another file: --relay-key-file)"
            ),
            KeyErrorKind::Missing => write!(
                f,
                "there is no relay key at {path}; a server makes it at its start (another file: --relay-key-file)"
            ),
            KeyErrorKind::NoKey => write!(
                f,
                "{path} is no relay key ({} hexadecimal digits); remove it, and the server makes a new one",
                2 * KEY_BYTES
            ),
            KeyErrorKind::Random(error) => write!(f, "the system gives no random numbers: {error}"),
        }
    }
}

impl std::error::Error for KeyError {}

impl KeyPlace {
    /// Reads the key, or makes one.
    ///
    /// # Errors
    /// There is none in the file that was asked for, and none can be put there.
    pub(crate) fn load(&self) -> Result<Key, KeyError> {
        match self {
            Self::Memory => {
                let failed = |kind| KeyError { path: PathBuf::from("memory"), kind };
                draw().map(|bytes| Key::new(&bytes)).map_err(failed)
            }
            Self::File(path) => read_or_create(path).map_err(|kind| KeyError { path: path.clone(), kind }),
            Self::UsualFile(path) => Self::File(path.clone()).load().or_else(|error| {
                tracing::warn!("{error}; until the next start, one in memory is used");
                Self::Memory.load()
            }),
        }
    }
}

/// Reads the key.
///
/// # Errors
/// There is no such file, or no key in it.
pub(crate) fn read(path: &Path) -> Result<Key, KeyError> {
    read_file(path).map_err(|kind| KeyError { path: path.to_owned(), kind })
}

fn read_or_create(path: &Path) -> Result<Key, KeyErrorKind> {
    match read_file(path) {
        Err(KeyErrorKind::Missing) => {}
        read => return read,
    }
    let text = HEXLOWER_PERMISSIVE.encode(&draw()?) + "\n";
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
        KeyErrorKind::Write(std::io::Error::new(ErrorKind::InvalidInput, "this is no name for a file"))
    })?;
    let written = StateDirectory::open(folder).and_then(|folder| folder.write(name, text.as_bytes()));
    written.map_err(KeyErrorKind::Write)?;
    // And not what was written: another server may have been faster, and both shall have the same key.
    read_file(path)
}

fn read_file(path: &Path) -> Result<Key, KeyErrorKind> {
    let text = read_bounded(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => KeyErrorKind::Missing,
        ErrorKind::InvalidData => KeyErrorKind::NoKey,
        _ => KeyErrorKind::Read(error),
    })?;
    warn_if_others_can_read(path);
    match HEXLOWER_PERMISSIVE.decode(text.trim_ascii()) {
        Ok(bytes) if bytes.len() == KEY_BYTES => Ok(Key::new(&bytes)),
        _ => Err(KeyErrorKind::NoKey),
    }
}

fn draw() -> Result<[u8; KEY_BYTES], KeyErrorKind> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(KeyErrorKind::Random)?;
    Ok(bytes)
}

#[cfg(unix)]
fn warn_if_others_can_read(path: &Path) {
    use std::os::unix::fs::MetadataExt as _;
    if std::fs::metadata(path).is_ok_and(|metadata| metadata.mode() & 0o007 != 0) {
        let path = path.display();
        tracing::warn!("everybody on this machine can read {path}, and with it use the relay: chmod 600");
    }
}

#[cfg(not(unix))]
fn warn_if_others_can_read(_path: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for each test, removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            Self(std::env::temp_dir().join(format!("eyeline-key-{name}-{}", std::process::id())))
        }

        fn file(&self) -> PathBuf {
            self.0.join("state").join(FILE_NAME)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _missing = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_missing_key_is_made_once_for_its_owner_only() {
        let folder = Folder::new("made");
        let place = KeyPlace::File(folder.file());
        let key = place.load().unwrap();
        assert_eq!(place.load().unwrap(), key);
        assert_eq!(read(&folder.file()).unwrap(), key);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            assert_eq!(std::fs::metadata(folder.file()).unwrap().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn what_is_no_key_is_neither_used_nor_overwritten() {
        let folder = Folder::new("broken");
        std::fs::create_dir_all(folder.file().parent().unwrap()).unwrap();
        for content in [&b""[..], b"secret\n", &[b'a'; 63], &[b'a'; 66], &[0xff; 64]] {
            std::fs::write(folder.file(), content).unwrap();
            let error = KeyPlace::File(folder.file()).load().unwrap_err().to_string();
            assert!(error.contains("is no relay key"), "{error}");
            assert_eq!(std::fs::read(folder.file()).unwrap(), content);
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_is_said_with_the_flag_if_it_was_asked_for() {
        let path = PathBuf::from("/proc/nowhere/relay-key");
        let error = KeyPlace::File(path.clone()).load().unwrap_err().to_string();
        assert!(error.contains("--relay-key-file") && error.contains("/proc/nowhere"), "{error}");
        let usual = KeyPlace::UsualFile(path.clone());
        assert_ne!(usual.load().unwrap(), usual.load().unwrap());
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("there is no relay key at"), "{error}");
    }
}
