//! Where the server keeps what must survive a restart: keys, certificates, accounts. Only its own user can read it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The longest file that is read from it. A certificate with its chain has some thousand bytes.
const LONGEST_FILE_BYTES: u64 = 1024 * 1024;

/// A folder of mode 0700 with files of mode 0600 (on Unix; elsewhere what the system gives).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDirectory(PathBuf);

impl StateDirectory {
    /// Where it is when nobody says: what systemd gives a service (`StateDirectory=`), else `/var/lib/eyeline` for
    /// root, else the user's (XDG Base Directory Specification, `XDG_STATE_HOME`). `None` where none of them exists.
    pub fn usual() -> Option<PathBuf> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        // systemd separates several by colons; a unit that has several must say which.
        let of_service = variable("STATE_DIRECTORY").filter(|path| !path.to_string_lossy().contains(':'));
        let of_root = || is_root().then(|| PathBuf::from("/var/lib/eyeline"));
        let of_user = || {
            let home = || variable("HOME").map(|home| home.join(".local/state"));
            variable("XDG_STATE_HOME").or_else(home).map(|state| state.join("eyeline"))
        };
        of_service.or_else(of_root).or_else(of_user)
    }

    /// Opens the folder, or makes it. One that exists keeps its mode.
    ///
    /// # Errors
    /// When it is no folder, or cannot be made.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }

    /// A folder in it.
    ///
    /// # Errors
    /// As [`StateDirectory::open`].
    pub fn folder(&self, name: &str) -> io::Result<Self> {
        Self::open(self.0.join(name))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file's content; `None` if there is no such file.
    ///
    /// # Errors
    /// When it cannot be read, or is longer than anything that is kept here.
    pub fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        read_bounded(&self.0.join(name)).map(Some).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(None),
            _ => Err(error),
        })
    }

    /// Writes a file as a whole: after a crash the old one is there, or the new one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (path, draft) = (self.0.join(name), self.0.join(format!(".{name}.new")));
        // A draft that a crash left behind may have any mode.
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, &path)
    }
}

/// A whole file, unless it is longer than anything that belongs to a certificate.
pub(crate) fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST_FILE_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the file is longer than 1 MiB"));
    }
    Ok(bytes)
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn temporary(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("eyeline-state-{name}-{}", std::process::id()));
        let _absent = fs::remove_dir_all(&path);
        path
    }

    #[test]
    fn what_is_written_is_read_back_and_replaced_as_a_whole() {
        let path = temporary("round-trip");
        let state = StateDirectory::open(&path).unwrap();
        assert_eq!(state.read("key").unwrap(), None);
        state.write("key", b"first").unwrap();
        state.write("key", b"second").unwrap();
        assert_eq!(state.read("key").unwrap(), Some(b"second".to_vec()));
        let names: Vec<_> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["key"]);
        fs::remove_dir_all(path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let path = temporary("modes");
        let folder = StateDirectory::open(path.join("deep")).unwrap().folder("acme").unwrap();
        fs::write(folder.path().join(".key.new"), "left by a crash, readable for everybody").unwrap();
        folder.write("key", b"secret").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path.join("deep")), 0o700);
        assert_eq!(mode(folder.path()), 0o700);
        assert_eq!(mode(&folder.path().join("key")), 0o600);
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn an_endless_file_is_refused() {
        let path = temporary("endless");
        let state = StateDirectory::open(&path).unwrap();
        fs::write(path.join("long"), vec![0; 1024 * 1024 + 1]).unwrap();
        assert_eq!(state.read("long").unwrap_err().kind(), io::ErrorKind::InvalidData);
        fs::remove_dir_all(path).unwrap();
    }
}
