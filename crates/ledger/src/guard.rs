//! Guards around the journal file that SQLite does not give: one writer at a time, and
//! the file written is still the file at its path.
//!
//! Never opens the database file itself: closing any handle to it would drop the POSIX
//! locks SQLite holds on it in this process.

use crate::Error;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// `path` with `suffix` after its whole name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The absolute path of a journal that may not exist yet, with links resolved, so that
/// two names of one file lead to one lock.
///
/// # Errors
/// [`Error::Open`] when the folder does not exist or the path names a folder.
pub(crate) fn resolve(path: &Path) -> Result<PathBuf, Error> {
    let open = |why: String| Error::Open {
        path: path.to_owned(),
        why,
    };
    let absolute = std::path::absolute(path).map_err(|e| open(e.to_string()))?;
    match real(&absolute) {
        Ok(real) if real.is_dir() => {
            return Err(open("it is a folder; name a file in it".into()));
        }
        Ok(real) => return Ok(real),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(open(cannot(&error))),
    }
    let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Err(open("it names no file".into()));
    };
    match real(folder) {
        Ok(folder) if folder.is_dir() => Ok(folder.join(name)),
        Ok(folder) => Err(open(format!("{} is no folder", folder.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(open(format!(
            "the folder {} does not exist; create it or correct the path",
            folder.display()
        ))),
        Err(error) => Err(open(cannot(&error))),
    }
}

/// Resolves links. Elsewhere than Unix it only asks whether the path exists: Windows
/// would answer with a verbatim path, which SQLite does not take everywhere.
fn real(path: &Path) -> io::Result<PathBuf> {
    if cfg!(unix) {
        fs::canonicalize(path)
    } else {
        fs::metadata(path).map(|_| path.to_owned())
    }
}

fn cannot(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            format!("access is denied; correct the permissions of its folder ({error})")
        }
        io::ErrorKind::ReadOnlyFilesystem => format!(
            "its file system is mounted read-only, so nothing can be recorded there; mount it for writing or name another folder ({error})"
        ),
        io::ErrorKind::StorageFull => format!("the disk is full; free space ({error})"),
        _ => error.to_string(),
    }
}

/// The exclusive right to write a journal; ends when dropped or when the process dies.
#[derive(Debug)]
pub(crate) struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Takes the lock of `journal`.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process, or another ledger of this one, has it.
    pub(crate) fn take(journal: &Path) -> Result<Self, Error> {
        let lock = beside(journal, ".lock");
        let open = |error: &io::Error| Error::Open {
            path: journal.to_owned(),
            why: format!("its lock file {}: {}", lock.display(), cannot(error)),
        };
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock)
            .map_err(|e| open(&e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked {
                    path: journal.to_owned(),
                    holder: holder(&lock),
                    lock,
                });
            }
            Err(TryLockError::Error(error)) => return Err(open(&error)),
        }
        // The process id is a courtesy to whoever is refused; the lock holds without it.
        let _courtesy = file
            .set_len(0)
            .and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Self { _file: file })
    }
}

/// Who writes `journal` at the moment, in words; `None` for nobody.
///
/// Asking takes a shared lock for an instant, in which a writer that starts would be
/// refused; it is for people who look, not for programs that wait.
#[must_use]
pub fn written_by(journal: &Path) -> Option<String> {
    let lock = beside(journal, ".lock");
    let file = File::open(&lock).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(holder(&lock)),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

fn holder(lock: &Path) -> String {
    match fs::read_to_string(lock) {
        Ok(id) if !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) => {
            format!("process {id}")
        }
        _ => "another process".into(),
    }
}

/// Which file a path named when the journal was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity(Option<(u64, u64)>);

impl Identity {
    /// The identity of the file at `path` now.
    ///
    /// # Errors
    /// Says what is wrong when the path cannot be looked at.
    pub(crate) fn of(path: &Path) -> Result<Self, String> {
        let metadata = fs::metadata(path).map_err(|e| format!("{}: {e}", path.display()))?;
        #[cfg(unix)]
        let id = {
            use std::os::unix::fs::MetadataExt;
            Some((metadata.dev(), metadata.ino()))
        };
        // Windows does not let an open database be deleted or replaced.
        #[cfg(not(unix))]
        let id = {
            let _exists = metadata;
            None
        };
        Ok(Self(id))
    }

    /// Whether `path` still names the same file.
    ///
    /// # Errors
    /// Says what happened when it does not.
    pub(crate) fn check(&self, path: &Path) -> Result<(), String> {
        match Self::of(path) {
            Ok(now) if now == *self => Ok(()),
            Ok(_) => Err(format!(
                "{} was replaced by another file while it was being written; put the original back and restart",
                path.display()
            )),
            Err(error) => Err(format!(
                "{error}: it was moved or deleted while it was being written; put it back and restart"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_journal_leads_to_the_same_lock() {
        let dir = std::env::temp_dir().join(format!("dutypoint-guard-{}", std::process::id()));
        fs::create_dir_all(dir.join("a")).unwrap();
        let journal = dir.join("a/journal");
        fs::write(&journal, b"").unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.join("a"), dir.join("b")).unwrap();
            assert_eq!(
                resolve(&dir.join("b/journal")).unwrap(),
                resolve(&journal).unwrap()
            );
            // Also before the file exists.
            assert_eq!(
                resolve(&dir.join("b/new")).unwrap(),
                resolve(&dir.join("a/new")).unwrap()
            );
        }
        let first = WriterLock::take(&journal).unwrap();
        let refused = WriterLock::take(&journal).unwrap_err();
        assert!(
            matches!(&refused, Error::Locked { holder, .. } if *holder == format!("process {}", std::process::id())),
            "{refused}"
        );
        let holder = format!("process {}", std::process::id());
        assert_eq!(written_by(&journal), Some(holder));
        drop(first);
        assert_eq!(written_by(&journal), None);
        WriterLock::take(&journal).unwrap();
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn a_replaced_file_is_told_from_the_one_opened() {
        let dir = std::env::temp_dir().join(format!("dutypoint-identity-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let path = dir.join("file");
        fs::write(&path, b"1").unwrap();
        let identity = Identity::of(&path).unwrap();
        fs::write(&path, b"2").unwrap();
        assert_eq!(identity.check(&path), Ok(()));
        fs::remove_file(&path).unwrap();
        assert!(identity.check(&path).unwrap_err().contains("deleted"));
        fs::remove_dir_all(&dir).unwrap();
    }
}
