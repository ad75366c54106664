//! What can go wrong with a journal, in words that say where and what to change.

use dutypoint_model::{Bilingual, Digest};
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;

/// What can go wrong with a journal or a station key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened or created.
    #[error("failed to open journal {}: {why}", path.display())]
    Open {
        /// Path of the journal.
        path: PathBuf,
        /// Why, and what to change.
        why: String,
    },
    /// The file holds something else.
    #[error(
        "failed to open journal {}: {found}, not a Dutypoint journal; name another file, nothing was changed in this one",
        path.display()
    )]
    Foreign {
        /// Path of the file.
        path: PathBuf,
        /// What the file is instead.
        found: String,
    },
    /// A format this program does not know.
    #[error(
        "failed to open journal {}: it has format version {found}, this program knows version {known}; use the program version that wrote it",
        path.display()
    )]
    Version {
        /// Path of the journal.
        path: PathBuf,
        /// Version found in the file.
        found: i64,
        /// Version this program writes.
        known: i64,
    },
    /// Another process writes the journal.
    #[error(
        "failed to open journal {} for writing: {holder} writes it and holds {}; stop it first, or open the journal read-only",
        path.display(),
        lock.display()
    )]
    Locked {
        /// Path of the journal.
        path: PathBuf,
        /// Path of the lock file.
        lock: PathBuf,
        /// Who holds the lock, as far as known.
        holder: String,
    },
    /// A write to a journal opened for reading.
    #[error("failed to write to journal {}: it was opened read-only; open it for writing", path.display())]
    ReadOnly {
        /// Path of the journal.
        path: PathBuf,
    },
    /// A batch without documents: there is nothing to give a receipt for.
    #[error("failed to append to the journal: the batch is empty; append at least one document")]
    EmptyBatch,
    /// A document that does not continue the stored chain; nothing was written.
    #[error(
        "failed to append to run {run}: {why}; ask for the head of the chain (document {next} is next) and send from there"
    )]
    Chain {
        /// The run.
        run: String,
        /// Number the journal expects next.
        next: u64,
        /// What does not fit.
        why: String,
    },
    /// A document the journal never takes; nothing was written.
    #[error("failed to append document {seq} of run {run:?}: {why}")]
    Refused {
        /// The run.
        run: String,
        /// Number of the document.
        seq: u64,
        /// Which rule it breaks, and what to change.
        why: String,
    },
    /// A file that cannot be stored under its name.
    #[error("failed to store file {name:?}: {why}")]
    FileName {
        /// The name as given.
        name: String,
        /// What to change.
        why: String,
    },
    /// Storage failed and there is no receipt. The next write tries again, and the same
    /// batch may be sent again.
    #[error(
        "failed to make documents durable in journal {}: {cause}; recording is held, and the next write tries again",
        path.display()
    )]
    Held {
        /// Path of the journal.
        path: PathBuf,
        /// What kind of failure it is.
        trouble: Trouble,
        /// What storage said, and what to change.
        cause: String,
    },
    /// Storage failed while reading.
    #[error("failed to read journal {}: {cause}", path.display())]
    Read {
        /// Path of the journal.
        path: PathBuf,
        /// What storage said, and what to change.
        cause: String,
    },
    /// What is stored is not what was written.
    #[error("failed to trust {place}: {why}; run fsck to see all damage, and restore from a copy")]
    Damaged {
        /// Where.
        place: Place,
        /// What does not fit.
        why: String,
    },
    /// Documents that cannot be packed, or a block that does not hold any.
    #[error("failed to read a block of documents: {why}")]
    Block {
        /// What does not fit.
        why: String,
    },
    /// No document of this run is stored.
    #[error("failed to find run {run:?} in the journal; list the runs to see their names")]
    UnknownRun {
        /// The run asked for.
        run: String,
    },
    /// No file of this content is stored.
    #[error("failed to find file {digest} in the journal; store it before documents refer to it")]
    UnknownFile {
        /// Digest asked for.
        digest: Digest,
    },
    /// A checkpoint that does not continue the station's chain; nothing was written.
    #[error("failed to accept checkpoint {index} of station {station}: {why}")]
    Checkpoint {
        /// The station.
        station: String,
        /// Number of the checkpoint.
        index: u64,
        /// What does not fit.
        why: String,
    },
    /// A signature that does not verify, or could not be made.
    #[error("failed to accept signature: {0}")]
    Signature(String),
    /// A key file that cannot be used.
    #[error("failed to use key file {}: {why}", path.display())]
    Key {
        /// Path of the key file.
        path: PathBuf,
        /// Why, and what to change.
        why: String,
    },
    /// A value of the model that has no bytes or is not canonical.
    #[error(transparent)]
    Model(#[from] dutypoint_model::Error),
}

/// What keeps storage from taking a write, for whoever has to tell people what to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No room, or a limit set for the journal is reached.
    Full,
    /// The medium, the folder or the file may not be written.
    ReadOnly,
    /// Another program holds the database locked.
    Busy,
    /// The file was moved, deleted or replaced while it was written.
    Moved,
    /// The database file is damaged.
    Damaged,
    /// The disk failed, or said something else.
    Disk,
}

impl Trouble {
    /// What is the matter and what to change, in words.
    #[must_use]
    pub fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Full => ("磁盘已满，请腾出空间", "the disk is full; free space on it"),
            Self::ReadOnly => (
                "该处不可写，请恢复写权限",
                "it may not be written; make it writable again",
            ),
            Self::Busy => (
                "数据库被其他程序锁定，请关闭该程序",
                "another program holds the database locked; close it",
            ),
            Self::Moved => (
                "文件在写入期间被移动、删除或替换，请放回原处",
                "the file was moved, deleted or replaced while it was written; put it back",
            ),
            Self::Damaged => (
                "数据库文件已损坏，请用 fsck 检查并从备份恢复",
                "the database file is damaged; run fsck and restore from a copy",
            ),
            Self::Disk => (
                "磁盘读写出错，请检查磁盘和连接线",
                "the disk failed; check the disk and its cable",
            ),
        };
        Bilingual::new(zh, en)
    }

    /// The kind of a failure that came from SQLite.
    fn of(error: &sqlx::Error) -> Self {
        match sqlite_code(error) {
            _ if extended_code(error) == Some(IOERR_SHMSIZE) => Self::Full,
            Some(5 | 6) => Self::Busy,
            Some(READONLY | CANTOPEN) => Self::ReadOnly,
            Some(11 | NOTADB) => Self::Damaged,
            Some(13) => Self::Full,
            _ => Self::Disk,
        }
    }
}

/// Why a write was refused: its kind, and in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    pub(crate) trouble: Trouble,
    pub(crate) text: String,
}

impl From<&sqlx::Error> for Cause {
    fn from(error: &sqlx::Error) -> Self {
        Self {
            trouble: Trouble::of(error),
            text: explain(error),
        }
    }
}

/// A place in the journal, down to the field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The database as a whole.
    Journal {
        /// What of it.
        field: &'static str,
    },
    /// A document.
    Document {
        /// The run it is filed under.
        run: String,
        /// The number it is filed under.
        seq: i64,
        /// Column of the row.
        field: &'static str,
    },
    /// A stored file.
    File {
        /// The digest it is filed under.
        digest: String,
        /// Column of the row.
        field: &'static str,
    },
    /// A checkpoint.
    Checkpoint {
        /// The station it is filed under.
        station: String,
        /// The number it is filed under.
        index: i64,
        /// Column of the row, or field of the body.
        field: &'static str,
    },
    /// A row of the catalogue.
    Catalogue {
        /// The run.
        run: String,
        /// Column of the row.
        field: &'static str,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Journal { field } => write!(f, "journal, {field}"),
            Self::Document { run, seq, field } => {
                write!(f, "run {run}, document {seq}, {field}")
            }
            Self::File { digest, field } => write!(f, "file {digest}, {field}"),
            Self::Checkpoint {
                station,
                index,
                field,
            } => write!(f, "station {station}, checkpoint {index}, {field}"),
            Self::Catalogue { run, field } => write!(f, "catalogue row of run {run}, {field}"),
        }
    }
}

/// Why work inside a transaction ended: what was asked is wrong, or storage failed.
#[derive(Debug)]
pub(crate) enum Fault {
    Refused(Error),
    Storage(sqlx::Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<dutypoint_model::Error> for Fault {
    fn from(error: dutypoint_model::Error) -> Self {
        Self::Refused(Error::Model(error))
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error)
    }
}

/// Primary result code of SQLite, where the error came from it.
pub(crate) fn sqlite_code(error: &sqlx::Error) -> Option<i32> {
    // The low byte of an extended code is the primary one.
    extended_code(error).map(|code| code & 0xff)
}

fn extended_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// `SQLITE_IOERR_SHMSIZE`: the `-shm` file cannot grow, which means a full disk.
const IOERR_SHMSIZE: i32 = 10 | (19 << 8);

/// `SQLITE_READONLY`.
pub(crate) const READONLY: i32 = 8;
/// `SQLITE_CANTOPEN`.
pub(crate) const CANTOPEN: i32 = 14;
/// `SQLITE_NOTADB`.
pub(crate) const NOTADB: i32 = 26;

/// What storage said and what to change, in words.
pub(crate) fn explain(error: &sqlx::Error) -> String {
    let full = extended_code(error) == Some(IOERR_SHMSIZE);
    let advice = match sqlite_code(error) {
        Some(5 | 6) => "another program holds the database locked; close it",
        Some(READONLY) => "the file or its folder may not be written; correct the permissions",
        Some(13) => "the disk, or the size limit set for the journal, is full; free space",
        Some(10) if full => "the disk is full; free space",
        Some(10) => "the disk reported an input/output error; check the disk and its cable",
        Some(11 | NOTADB) => "the database file is damaged; run fsck and restore from a copy",
        Some(CANTOPEN) => {
            "the file, or its -wal or -shm beside it, cannot be opened; check that the folder exists and may be written"
        }
        _ => return error.to_string(),
    };
    format!("{advice} ({error})")
}
