//! Connections to the database with the settings the promises rest on.

use crate::error::{CANTOPEN, Cause, NOTADB, READONLY, Trouble, explain, sqlite_code};
use crate::guard::beside;
use crate::schema::{self, Kind, pragma};
use crate::{Error, OpenMode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use std::path::Path;
use std::time::Duration;

/// How long to wait for a foreign program that holds the database locked.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Pages of 4 kB after which a commit folds the write-ahead log into the database even
/// though nobody called `tidy`.
const LOG_PAGES: u32 = 4096;

/// The version of SQLite the journal is kept with.
///
/// # Errors
/// [`Error::Open`] when not even a database in memory can be opened.
pub async fn sqlite_version() -> Result<String, Error> {
    let memory = Path::new(":memory:");
    let failed = |error: sqlx::Error| opening(memory, &error);
    let mut conn = SqliteConnectOptions::new()
        .in_memory(true)
        .connect()
        .await
        .map_err(failed)?;
    let version = pragma(&mut conn, "SELECT sqlite_version()").await;
    conn.close().await.map_err(failed)?;
    version.map_err(failed)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
}

/// Opens the writer's connection, creating the journal when nothing is there.
pub(crate) async fn writer(path: &Path) -> Result<SqliteConnection, Error> {
    prepared(path, true)
        .await
        .unwrap_or_else(|error| Err(opening(path, &error)))
}

/// Opens the writer's connection to a journal that is there, after storage has failed.
pub(crate) async fn reopen(path: &Path) -> Result<SqliteConnection, Cause> {
    match prepared(path, false).await {
        Ok(Ok(conn)) => Ok(conn),
        Ok(Err(error)) => Err(Cause {
            trouble: Trouble::Damaged,
            text: error.to_string(),
        }),
        Err(error) => Err(Cause::from(&error)),
    }
}

/// The outer error is storage's; the inner one says that this is no journal to write.
async fn prepared(
    path: &Path,
    create: bool,
) -> Result<Result<SqliteConnection, Error>, sqlx::Error> {
    // Nothing here writes before the file is known to be a journal or empty.
    let mut conn = options(path)
        .synchronous(SqliteSynchronous::Full)
        .pragma("fullfsync", "ON")
        .pragma("checkpoint_fullfsync", "ON")
        .pragma("trusted_schema", "OFF")
        .create_if_missing(create)
        .connect()
        .await?;
    let kind = match schema::recognise(&mut conn, path).await? {
        Ok(kind) => kind,
        Err(error) => return Ok(Err(error)),
    };
    let mode: String = pragma(&mut conn, "PRAGMA journal_mode = WAL").await?;
    if mode != "wal" {
        return Ok(Err(Error::Open {
            path: path.to_owned(),
            why: format!(
                "its file system does not support a write-ahead log (SQLite stays in mode {mode}); put the journal on a local disk"
            ),
        }));
    }
    let settings = format!(
        "PRAGMA wal_autocheckpoint = {LOG_PAGES}; PRAGMA journal_size_limit = {}",
        LOG_PAGES * 4096
    );
    sqlx::raw_sql(AssertSqlSafe(settings))
        .execute(&mut conn)
        .await?;
    if kind == Kind::New {
        schema::create(&mut conn).await?;
    }
    Ok(Ok(conn))
}

/// Opens a connection that cannot write, on media that cannot be written as well.
pub(crate) async fn reader(path: &Path, mode: OpenMode) -> Result<SqliteConnection, Error> {
    let readable = options(path).read_only(true);
    let error = match recognised(&readable, path).await {
        Ok(found) => return found,
        Err(error) => error,
    };
    // Without a -shm file SQLite must create one; where it may not, a journal without a
    // log can still be read as a file that never changes.
    let barred = matches!(sqlite_code(&error), Some(READONLY | CANTOPEN));
    if mode == OpenMode::ReadWrite || !barred || !path.exists() {
        return Err(opening(path, &error));
    }
    let log = beside(path, "-wal");
    if log.metadata().is_ok_and(|m| m.len() > 0) {
        return Err(Error::Open {
            path: path.to_owned(),
            why: format!(
                "{} holds documents that only a writable folder can bring in; copy both files to a folder you may write and open the copy ({error})",
                log.display()
            ),
        });
    }
    recognised(&readable.immutable(true), path)
        .await
        .unwrap_or_else(|error| Err(opening(path, &error)))
}

async fn recognised(
    options: &SqliteConnectOptions,
    path: &Path,
) -> Result<Result<SqliteConnection, Error>, sqlx::Error> {
    let mut conn = options.connect().await?;
    let found = match schema::recognise(&mut conn, path).await? {
        Ok(Kind::Journal) => Ok(()),
        Ok(Kind::New) => Err(Error::Open {
            path: path.to_owned(),
            why: "it is empty; open it for writing once to create the journal".into(),
        }),
        Err(error) => Err(error),
    };
    Ok(match found {
        Ok(()) => Ok(conn),
        Err(error) => {
            // The file is refused either way; how the handle closes changes nothing.
            let _closed = conn.close().await;
            Err(error)
        }
    })
}

fn opening(path: &Path, error: &sqlx::Error) -> Error {
    let why = match sqlite_code(error) {
        Some(NOTADB) => {
            return Error::Foreign {
                path: path.to_owned(),
                found: "it is no SQLite database".into(),
            };
        }
        Some(CANTOPEN) if !path.exists() => {
            "it does not exist; correct the path, or open it for writing to create it".into()
        }
        _ => explain(error),
    };
    Error::Open {
        path: path.to_owned(),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_writer_waits_for_the_disk() {
        let name = format!("dutypoint-connect-{}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&dir).unwrap();
        let mut conn = writer(&dir.join("journal")).await.unwrap();
        for (sql, expected) in [
            ("PRAGMA synchronous", 2),
            ("PRAGMA fullfsync", 1),
            ("PRAGMA checkpoint_fullfsync", 1),
            ("PRAGMA foreign_keys", 1),
            ("PRAGMA busy_timeout", 5000),
            ("PRAGMA wal_autocheckpoint", 4096),
        ] {
            let found: i64 = pragma(&mut conn, sql).await.unwrap();
            assert_eq!(found, expected, "{sql}");
        }
        conn.close().await.unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
