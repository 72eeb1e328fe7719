//! The secret behind the relay's credentials, in a file, so that credentials outlive a restart and
//! `eyeline relay-credential` can make some.

use data_encoding::HEXLOWER_PERMISSIVE;
use eyeline_relay::credential::{KEY_BYTES, Key};
use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The name of the file in the state directory.
pub(crate) const FILE_NAME: &str = "relay-key";

/// A file of more bytes is not ours.
const LONGEST_FILE_BYTES: u64 = 1024;

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
            KeyErrorKind::Missing => {
                write!(f, "there is no relay key at {path}; the server makes it when it starts with this file")
            }
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

/// A key that lives as long as this process.
pub(crate) fn ephemeral() -> Result<Key, getrandom::Error> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(Key::new(&bytes))
}

/// Reads the key.
///
/// # Errors
/// There is no such file, or no key in it.
pub fn read(path: &Path) -> Result<Key, KeyError> {
    let failed = |kind| KeyError { path: path.to_owned(), kind };
    let mut text = String::new();
    let file = File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => failed(KeyErrorKind::Missing),
        _ => failed(KeyErrorKind::Read(error)),
    })?;
    warn_if_others_can_read(&file, path);
    match file.take(LONGEST_FILE_BYTES).read_to_string(&mut text) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::InvalidData => return Err(failed(KeyErrorKind::NoKey)),
        Err(error) => return Err(failed(KeyErrorKind::Read(error))),
    }
    let bytes = HEXLOWER_PERMISSIVE.decode(text.trim_ascii().as_bytes()).ok();
    match bytes {
        Some(bytes) if bytes.len() == KEY_BYTES => Ok(Key::new(&bytes)),
        _ => Err(failed(KeyErrorKind::NoKey)),
    }
}

/// Reads the key, or makes the file (and the folders above it) if it is missing, readable for its owner only.
pub(crate) fn read_or_create(path: &Path) -> Result<Key, KeyError> {
    match read(path) {
        Err(KeyError { kind: KeyErrorKind::Missing, .. }) => {}
        read => return read,
    }
    let failed = |kind| KeyError { path: path.to_owned(), kind };
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| failed(KeyErrorKind::Random(error)))?;
    match write_new(path, &HEXLOWER_PERMISSIVE.encode(&bytes)) {
        Ok(()) => Ok(Key::new(&bytes)),
        // Another server was faster: both shall have the same key.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read(path),
        Err(error) => Err(failed(KeyErrorKind::Write(error))),
    }
}

/// Writes beside the file and links it into place: whoever reads it meanwhile finds no file or a whole one.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)?;
    }
    let unfinished = path.with_extension(format!("{}.unfinished", std::process::id()));
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&unfinished).and_then(|mut file| {
        writeln!(file, "{text}")?;
        file.sync_all()
    });
    let linked = written.and_then(|()| std::fs::hard_link(&unfinished, path));
    let removed = std::fs::remove_file(&unfinished);
    linked.and(removed)
}

#[cfg(unix)]
fn warn_if_others_can_read(file: &File, path: &Path) {
    use std::os::unix::fs::MetadataExt as _;
    if file.metadata().is_ok_and(|metadata| metadata.mode() & 0o007 != 0) {
        tracing::warn!(
            "{} can be read by everybody on this machine, who then can use the relay: chmod 600",
            path.display()
        );
    }
}

#[cfg(not(unix))]
fn warn_if_others_can_read(_file: &File, _path: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for each test, removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("eyeline-key-{name}-{}", std::process::id()));
            Self(folder)
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
        let key = read_or_create(&folder.file()).unwrap();
        assert_eq!(read_or_create(&folder.file()).unwrap(), key);
        assert_eq!(read(&folder.file()).unwrap(), key);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            assert_eq!(std::fs::metadata(folder.file()).unwrap().mode() & 0o777, 0o600);
        }
        let files = std::fs::read_dir(folder.file().parent().unwrap()).unwrap().count();
        assert_eq!(files, 1, "nothing unfinished is left");
    }

    #[test]
    fn what_is_no_key_is_neither_used_nor_overwritten() {
        let folder = Folder::new("broken");
        std::fs::create_dir_all(folder.file().parent().unwrap()).unwrap();
        for content in [&b""[..], b"secret\n", &[b'a'; 63], &[b'a'; 66], &[0xff; 64], &[b'a'; 5000]] {
            std::fs::write(folder.file(), content).unwrap();
            let error = read_or_create(&folder.file()).unwrap_err().to_string();
            assert!(error.contains("is no relay key"), "{error}");
            assert_eq!(std::fs::read(folder.file()).unwrap(), content);
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_said_with_the_flag() {
        let error = read_or_create(Path::new("/proc/nowhere/relay-key")).unwrap_err().to_string();
        assert!(error.contains("--relay-key-file") && error.contains("/proc/nowhere"), "{error}");
        let error = read(Path::new("/proc/nowhere/relay-key")).unwrap_err().to_string();
        assert!(error.contains("there is no relay key at"), "{error}");
    }
}
