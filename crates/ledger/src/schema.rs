//! The tables of the journal, as specified in `docs/formats/journal-sqlite.md`.
//!
//! Promises: a database is recognised before anything in it is changed; the schema is
//! created whole or not at all. Never migrates: version 0 is free to change.

use crate::Error;
use sqlx::{AssertSqlSafe, SqliteConnection};
use std::path::Path;

/// `DUTY` in ASCII; marks a SQLite file as a journal.
pub const APPLICATION_ID: i64 = 0x4455_5459;

/// Version of the journal format.
pub const FORMAT_VERSION: i64 = 0;

/// Every object of the schema with the statement that creates it. SQLite keeps the text
/// of each statement, so `fsck` compares it word for word.
pub(crate) const SCHEMA: [(&str, &str); 15] = [
    (
        "document",
        "CREATE TABLE document (run TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq >= 0), kind TEXT NOT NULL, \
         prev BLOB NOT NULL CHECK (length(prev) = 32), digest BLOB NOT NULL CHECK (length(digest) = 32), \
         bytes BLOB NOT NULL, PRIMARY KEY (run, seq)) STRICT",
    ),
    (
        "document_stop",
        "CREATE INDEX document_stop ON document (run) WHERE kind = 'stop'",
    ),
    (
        "file",
        "CREATE TABLE file (digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32), name TEXT NOT NULL, \
         bytes BLOB NOT NULL) STRICT",
    ),
    (
        "checkpoint",
        "CREATE TABLE checkpoint (station TEXT NOT NULL, idx INTEGER NOT NULL CHECK (idx >= 0), \
         run TEXT NOT NULL UNIQUE, stop_seq INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (station, idx), \
         FOREIGN KEY (run, stop_seq) REFERENCES document (run, seq)) STRICT",
    ),
    (
        "run",
        "CREATE TABLE run (run TEXT NOT NULL PRIMARY KEY, station TEXT NOT NULL, origin TEXT NOT NULL, \
         operator TEXT NOT NULL, order_name TEXT NOT NULL, order_digest BLOB NOT NULL, started_ns INTEGER NOT NULL, \
         last_ns INTEGER NOT NULL, stop_seq INTEGER, outcome TEXT, verdict TEXT, certificate TEXT, \
         documents INTEGER NOT NULL, pages INTEGER NOT NULL, points INTEGER NOT NULL, gaps INTEGER NOT NULL, \
         head BLOB NOT NULL) STRICT",
    ),
    (
        "run_started",
        "CREATE INDEX run_started ON run (started_ns, run)",
    ),
    (
        "document_insert",
        "CREATE TRIGGER document_insert BEFORE INSERT ON document \
         WHEN EXISTS (SELECT 1 FROM document WHERE run = NEW.run AND seq = NEW.seq) \
         OR EXISTS (SELECT 1 FROM document WHERE rowid = NEW.rowid) \
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    ),
    (
        "document_update",
        "CREATE TRIGGER document_update BEFORE UPDATE ON document \
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    ),
    (
        "document_delete",
        "CREATE TRIGGER document_delete BEFORE DELETE ON document \
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    ),
    (
        "file_insert",
        "CREATE TRIGGER file_insert BEFORE INSERT ON file \
         WHEN EXISTS (SELECT 1 FROM file WHERE digest = NEW.digest) \
         OR EXISTS (SELECT 1 FROM file WHERE rowid = NEW.rowid) \
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    ),
    (
        "file_update",
        "CREATE TRIGGER file_update BEFORE UPDATE ON file \
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    ),
    (
        "file_delete",
        "CREATE TRIGGER file_delete BEFORE DELETE ON file \
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    ),
    (
        "checkpoint_insert",
        "CREATE TRIGGER checkpoint_insert BEFORE INSERT ON checkpoint \
         WHEN EXISTS (SELECT 1 FROM checkpoint WHERE station = NEW.station AND idx = NEW.idx OR run = NEW.run) \
         OR EXISTS (SELECT 1 FROM checkpoint WHERE rowid = NEW.rowid) \
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    ),
    (
        "checkpoint_update",
        "CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint \
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    ),
    (
        "checkpoint_delete",
        "CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint \
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    ),
];

/// What a database file turns out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No table and no mark: nothing yet.
    New,
    /// A journal of this version.
    Journal,
}

/// Looks at a database without changing it.
///
/// # Errors
/// The outer error is storage's; the inner one says that the file is something else.
pub(crate) async fn recognise(
    conn: &mut SqliteConnection,
    path: &Path,
) -> Result<Result<Kind, Error>, sqlx::Error> {
    let application: i64 = pragma(conn, "PRAGMA application_id").await?;
    let version: i64 = pragma(conn, "PRAGMA user_version").await?;
    let objects: i64 = pragma(conn, "SELECT count(*) FROM sqlite_schema").await?;
    Ok(match (application, version, objects) {
        (APPLICATION_ID, FORMAT_VERSION, _) => Ok(Kind::Journal),
        (APPLICATION_ID, found, _) => Err(Error::Version {
            path: path.to_owned(),
            found,
            known: FORMAT_VERSION,
        }),
        (0, 0, 0) => Ok(Kind::New),
        (id, ..) => Err(Error::Foreign {
            path: path.to_owned(),
            found: format!("it is a SQLite database of another program (application id {id:#x})"),
        }),
    })
}

/// Creates everything in one transaction.
pub(crate) async fn create(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut script = String::from("BEGIN IMMEDIATE;");
    for (_, sql) in SCHEMA {
        script.push_str(sql);
        script.push(';');
    }
    script.push_str(&format!(
        "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT_VERSION}; COMMIT"
    ));
    sqlx::raw_sql(AssertSqlSafe(script)).execute(conn).await?;
    Ok(())
}

/// The one value of a pragma or query.
pub(crate) async fn pragma<T>(
    conn: &mut SqliteConnection,
    sql: &'static str,
) -> Result<T, sqlx::Error>
where
    T: for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + Send + Unpin,
{
    sqlx::query_scalar(sql).fetch_one(conn).await
}
