//! The journal as an object: opening, the one write transaction at a time, holding
//! when storage fails.

use crate::error::{Cause, Fault, Trouble};
use crate::guard::{Identity, WriterLock, beside, resolve};
use crate::{Error, connect};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;

/// What a journal is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// To append; creates the journal where there is none. One process at a time.
    ReadWrite,
    /// To read, also while another process writes and on media that cannot be written.
    ReadOnly,
}

/// A journal in one SQLite file.
///
/// Reading takes `&self` and sees committed documents only; writing takes `&mut self`.
/// A future of any method may be dropped: a write is then there whole or not at all, which
/// is settled at the latest when the next write begins. Needs a tokio runtime; SQLite
/// itself runs on threads of its own.
#[derive(Debug)]
pub struct SqliteLedger {
    pub(crate) path: PathBuf,
    pub(crate) mode: OpenMode,
    /// Only single statements run here, so a dropped future leaves no snapshot open.
    pub(crate) reader: Mutex<SqliteConnection>,
    writer: Option<Writer>,
}

#[derive(Debug)]
struct Writer {
    /// Absent after a failure and while a transaction runs: a dropped future takes the
    /// connection with it, which rolls back.
    conn: Option<SqliteConnection>,
    database: Identity,
    log: Identity,
    size_limit: Option<u64>,
    held: Option<String>,
    _lock: WriterLock,
}

impl SqliteLedger {
    /// Opens the journal at `path`.
    ///
    /// # Errors
    /// [`Error::Open`], [`Error::Foreign`], [`Error::Version`], [`Error::Locked`].
    pub async fn open(path: impl AsRef<Path>, mode: OpenMode) -> Result<Self, Error> {
        let path = resolve(path.as_ref())?;
        let writer = match mode {
            OpenMode::ReadOnly => None,
            OpenMode::ReadWrite => {
                let lock = WriterLock::take(&path)?;
                let conn = connect::writer(&path).await?;
                let identity = |file: &Path| {
                    Identity::of(file).map_err(|why| Error::Open {
                        path: path.clone(),
                        why,
                    })
                };
                Some(Writer {
                    conn: Some(conn),
                    database: identity(&path)?,
                    log: identity(&beside(&path, "-wal"))?,
                    size_limit: None,
                    held: None,
                    _lock: lock,
                })
            }
        };
        let reader = Mutex::new(connect::reader(&path, mode).await?);
        Ok(Self {
            path,
            mode,
            reader,
            writer,
        })
    }

    /// The absolute path of the journal.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why recording is held, after a write that storage refused; `None` once a write
    /// succeeded again.
    #[must_use]
    pub fn held(&self) -> Option<&str> {
        self.writer.as_ref()?.held.as_deref()
    }

    /// Limits the size of the database file (`None`: as large as the disk). A journal
    /// at its limit is held; what is stored stays readable.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], [`Error::Held`].
    pub async fn limit_size(&mut self, bytes: Option<u64>) -> Result<(), Error> {
        let writer = self.writer.as_mut().ok_or_else(|| Error::ReadOnly {
            path: self.path.clone(),
        })?;
        writer.size_limit = bytes;
        // The limit belongs to the connection: a new one takes it over.
        if let Some(conn) = writer.conn.take() {
            close(conn).await;
        }
        Ok(())
    }

    /// Folds the write-ahead log into the database as far as readers allow. For the
    /// writer's idle moments: it keeps that work out of the commits.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], [`Error::Held`].
    pub async fn tidy(&mut self) -> Result<(), Error> {
        let mut conn = self.connection().await?;
        match sqlx::raw_sql("PRAGMA wal_checkpoint(PASSIVE)")
            .execute(&mut conn)
            .await
        {
            Ok(_) => {
                self.keep(conn);
                Ok(())
            }
            Err(error) => Err(self.hold(Some(conn), Cause::from(&error)).await),
        }
    }

    /// Closes the journal and folds the write-ahead log into the database. Dropping
    /// instead of closing loses nothing; the next one to open does the folding.
    ///
    /// # Errors
    /// [`Error::Held`] when storage fails; every receipt given stays true.
    pub async fn close(mut self) -> Result<(), Error> {
        let failed = |path: &Path, error: &sqlx::Error| held(path, Cause::from(error));
        // The reader first: the last connection to close is the one that may write.
        let reader = self.reader.into_inner();
        reader.close().await.map_err(|e| failed(&self.path, &e))?;
        if let Some(mut conn) = self.writer.as_mut().and_then(|w| w.conn.take()) {
            // Whoever still reads keeps SQLite from folding at the close: the file alone
            // must hold everything. A reader in the middle of reading only delays it.
            let _ = sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(&mut conn)
                .await;
            conn.close().await.map_err(|e| failed(&self.path, &e))?;
        }
        Ok(())
    }

    /// Begins the write transaction. Whoever gets the connection gives it to
    /// [`Self::end`].
    pub(crate) async fn begin(&mut self) -> Result<SqliteConnection, Error> {
        let mut conn = self.connection().await?;
        match sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut conn).await {
            Ok(_) => Ok(conn),
            Err(error) => Err(self.hold(Some(conn), Cause::from(&error)).await),
        }
    }

    /// Commits what was done, or rolls it back and passes on why.
    pub(crate) async fn end<T>(
        &mut self,
        mut conn: SqliteConnection,
        done: Result<T, Fault>,
    ) -> Result<T, Error> {
        match done {
            Ok(value) => {
                if let Err(error) = sqlx::raw_sql("COMMIT").execute(&mut conn).await {
                    return Err(self.hold(Some(conn), Cause::from(&error)).await);
                }
                if let Err(cause) = self.in_place() {
                    return Err(self.hold(Some(conn), moved(cause)).await);
                }
                self.keep(conn);
                if let Some(writer) = self.writer.as_mut() {
                    writer.held = None;
                }
                Ok(value)
            }
            Err(Fault::Refused(refusal)) => {
                match sqlx::raw_sql("ROLLBACK").execute(&mut conn).await {
                    Ok(_) => self.keep(conn),
                    // Closing rolls back as well; what was asked is refused either way.
                    Err(_) => close(conn).await,
                }
                Err(refusal)
            }
            Err(Fault::Storage(error)) => Err(self.hold(Some(conn), Cause::from(&error)).await),
        }
    }

    /// The writer's connection, opened anew after a failure.
    async fn connection(&mut self) -> Result<SqliteConnection, Error> {
        let path = self.path.clone();
        let Some(writer) = self.writer.as_mut() else {
            return Err(Error::ReadOnly { path });
        };
        if let Some(conn) = writer.conn.take() {
            return Ok(conn);
        }
        let limit = writer.size_limit;
        // The reader keeps the log alive, so a new connection must find the same one: with
        // another it would write frames where nobody looks for them.
        if let Err(cause) = self.in_place() {
            return Err(self.hold(None, moved(cause)).await);
        }
        let mut conn = match connect::reopen(&path).await {
            Ok(conn) => conn,
            Err(cause) => return Err(self.hold(None, cause).await),
        };
        match limit_pages(&mut conn, limit).await {
            Ok(()) => Ok(conn),
            Err(error) => Err(self.hold(Some(conn), Cause::from(&error)).await),
        }
    }

    /// Whether the files written are still those at their paths.
    fn in_place(&self) -> Result<(), String> {
        let Some(writer) = self.writer.as_ref() else {
            return Ok(());
        };
        writer.database.check(&self.path)?;
        writer.log.check(&beside(&self.path, "-wal"))
    }

    fn keep(&mut self, conn: SqliteConnection) {
        if let Some(writer) = self.writer.as_mut() {
            writer.conn = Some(conn);
        }
    }

    /// Rolls back by closing `conn` and remembers why recording is held.
    async fn hold(&mut self, conn: Option<SqliteConnection>, cause: Cause) -> Error {
        if let Some(conn) = conn {
            close(conn).await;
        }
        if let Some(writer) = self.writer.as_mut() {
            writer.held = Some(cause.text.clone());
        }
        held(&self.path, cause)
    }
}

fn held(path: &Path, cause: Cause) -> Error {
    Error::Held {
        path: path.to_owned(),
        trouble: cause.trouble,
        cause: cause.text,
    }
}

fn moved(text: String) -> Cause {
    Cause {
        trouble: Trouble::Moved,
        text,
    }
}

/// Closes a connection whose work is void: how it closes changes nothing any more.
async fn close(conn: SqliteConnection) {
    let _void = conn.close().await;
}

async fn limit_pages(conn: &mut SqliteConnection, bytes: Option<u64>) -> Result<(), sqlx::Error> {
    let Some(bytes) = bytes else { return Ok(()) };
    let page_size: i64 = crate::schema::pragma(conn, "PRAGMA page_size").await?;
    let pages = bytes / u64::try_from(page_size).unwrap_or(4096).max(1);
    let sql = format!("PRAGMA max_page_count = {}", pages.max(1));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}
