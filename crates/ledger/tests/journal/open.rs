//! What is opened, what is refused, and what the refusal says.

use crate::bench::{Folder, raw, read, record, writer};
use crate::child;
use dutypoint_ledger::{Error, OpenMode, SqliteLedger};
use dutypoint_model::Digest;
use std::fs;
use std::path::Path;

async fn refusal(path: &Path, mode: OpenMode) -> (Error, String) {
    let error = SqliteLedger::open(path, mode).await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("failed to open journal"), "{text}");
    assert!(text.contains(&*path.to_string_lossy()), "{text}");
    (error, text)
}

#[tokio::test]
async fn files_that_are_no_journal_are_refused_untouched() {
    let folder = Folder::new();
    let mut names = Vec::new();
    for (name, content) in [
        ("short.txt", "hello\n".to_owned()),
        ("long.txt", "flow = 50\n".repeat(2000)),
    ] {
        fs::write(folder.path().join(name), content).unwrap();
        names.push((name, "no SQLite database"));
    }
    for (name, sql) in [
        ("tables.db", "CREATE TABLE t (a)"),
        ("marked.db", "PRAGMA application_id = 42"),
        ("versioned.db", "PRAGMA user_version = 3"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, b"").unwrap();
        let mut conn = raw(&path).await;
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
        names.push((name, "database of another program"));
    }
    for (name, hint) in names {
        let path = folder.path().join(name);
        let before = fs::read(&path).unwrap();
        for mode in [OpenMode::ReadWrite, OpenMode::ReadOnly] {
            let (error, text) = refusal(&path, mode).await;
            assert!(matches!(error, Error::Foreign { .. }), "{name}: {error:?}");
            assert!(text.contains(hint), "{text}");
        }
        assert_eq!(fs::read(&path).unwrap(), before, "{name}");
    }
}

#[tokio::test]
async fn another_format_version_is_refused_untouched() {
    let folder = Folder::new();
    writer(&folder.journal()).await.close().await.unwrap();
    let mut conn = raw(&folder.journal()).await;
    sqlx::raw_sql("PRAGMA user_version = 7; PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut conn)
        .await
        .unwrap();
    drop(conn);
    let before = fs::read(folder.journal()).unwrap();
    for mode in [OpenMode::ReadWrite, OpenMode::ReadOnly] {
        let (error, _) = refusal(&folder.journal(), mode).await;
        assert!(
            matches!(
                error,
                Error::Version {
                    found: 7,
                    known: 0,
                    ..
                }
            ),
            "{error:?}"
        );
    }
    assert_eq!(fs::read(folder.journal()).unwrap(), before);
}

#[tokio::test]
async fn paths_that_lead_nowhere_say_what_to_change() {
    let folder = Folder::new();
    let missing = folder.path().join("none/bench.journal");
    for mode in [OpenMode::ReadWrite, OpenMode::ReadOnly] {
        let (_, text) = refusal(&missing, mode).await;
        assert!(text.contains("does not exist; create it"), "{text}");
        let (_, text) = refusal(folder.path(), mode).await;
        assert!(text.contains("is a folder"), "{text}");
    }
    let (_, text) = refusal(&folder.journal(), OpenMode::ReadOnly).await;
    assert!(text.contains("does not exist; correct the path"), "{text}");
    assert!(!folder.journal().exists(), "reading creates nothing");
    fs::write(folder.journal(), b"").unwrap();
    let (_, text) = refusal(&folder.journal(), OpenMode::ReadOnly).await;
    assert!(text.contains("it is empty"), "{text}");
    // A crash right after the creation of the file leaves this; a writer goes on from it.
    writer(&folder.journal()).await.close().await.unwrap();
}

#[tokio::test]
async fn a_second_writer_is_refused_until_the_first_is_gone() {
    let folder = Folder::new();
    let mut holder = child::spawn("hold", &folder.journal());
    assert_eq!(holder.line().as_deref(), Some("holding"));
    let (error, text) = refusal(&folder.journal(), OpenMode::ReadWrite).await;
    assert!(matches!(error, Error::Locked { .. }), "{error:?}");
    assert!(text.contains(&format!("process {}", holder.id())), "{text}");
    assert!(text.contains("open the journal read-only"), "{text}");
    let reader = SqliteLedger::open(folder.journal(), OpenMode::ReadOnly).await;
    assert_eq!(reader.unwrap().runs().await.unwrap(), []);
    holder.kill();

    let first = writer(&folder.journal()).await;
    // Within one process as well, and by another name of the same file.
    let other = folder.path().join("./bench.journal");
    let error = SqliteLedger::open(&other, OpenMode::ReadWrite).await;
    assert!(matches!(error, Err(Error::Locked { .. })), "{error:?}");
    first.close().await.unwrap();
    writer(&folder.journal()).await.close().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_journal_on_media_that_cannot_be_written_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let dir = folder.path().join("medium");
    fs::create_dir(&dir).unwrap();
    let path = dir.join("bench.journal");
    let mut ledger = writer(&path).await;
    record(&mut ledger, "bench-1", "R1").await;
    let log = fs::read(dir.join("bench.journal-wal")).unwrap();
    ledger.close().await.unwrap();
    let mode = |file: &Path, mode| {
        fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&path, 0o444);
    mode(&dir, 0o555);
    let mut reader = child::spawn_unprivileged("read", &path, &folder);
    assert_eq!(reader.line().as_deref(), Some("10 documents, 0 problems"));
    let mut writer = child::spawn_unprivileged("hold", &path, &folder);
    let refused = writer.line().unwrap();
    assert!(refused.contains("access is denied"), "{refused}");

    // A log left behind by a crash would be passed over in silence: refused.
    mode(&dir, 0o755);
    let left = dir.join("bench.journal-wal");
    fs::write(&left, log).unwrap();
    mode(&left, 0o444);
    mode(&dir, 0o555);
    let mut reader = child::spawn_unprivileged("read", &path, &folder);
    let refused = reader.line().unwrap();
    assert!(refused.contains("copy both files"), "{refused}");
    mode(&dir, 0o755);
}

#[tokio::test]
async fn the_database_itself_refuses_change() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let all = record(&mut ledger, "bench-1", "R1").await;
    let mut conn = raw(&folder.journal()).await;
    for table in ["document", "file", "checkpoint"] {
        for sql in [
            format!("DELETE FROM {table}"),
            format!("UPDATE {table} SET bytes = x'00'"),
            format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"),
        ] {
            let error = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.clone()))
                .execute(&mut conn)
                .await
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("the journal is append-only"),
                "{sql}: {error}"
            );
        }
    }
    let by_rowid = "INSERT OR REPLACE INTO document (rowid, run, seq, kind, prev, digest, bytes) \
        SELECT rowid, 'R9', seq, kind, prev, digest, bytes FROM document";
    let error = sqlx::raw_sql(by_rowid)
        .execute(&mut conn)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("append-only"), "{error}");
    assert_eq!(read(&ledger, "R1").await, all);
}

#[tokio::test]
async fn the_settings_the_promises_rest_on_are_in_force() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    record(&mut ledger, "bench-1", "R1").await;
    let mut conn = raw(&folder.journal()).await;
    let mut pragma = async |sql: &'static str| -> String {
        sqlx::query_scalar(sql).fetch_one(&mut conn).await.unwrap()
    };
    assert_eq!(pragma("PRAGMA journal_mode").await, "wal");
    assert_eq!(
        pragma("SELECT printf('%x %d', application_id, user_version) FROM pragma_application_id, pragma_user_version").await,
        format!("{:x} 0", dutypoint_ledger::APPLICATION_ID)
    );
    // Documents are stored as they are: raw SQL gives the chain to anybody.
    let rows: Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT prev, digest, bytes FROM document WHERE run = 'R1' ORDER BY seq")
            .fetch_all(&mut conn)
            .await
            .unwrap();
    let mut link = Digest::ZERO;
    for (prev, digest, bytes) in rows {
        assert_eq!(prev, link.0);
        link = Digest::of_parts(&[&prev, &bytes]);
        assert_eq!(digest, link.0);
    }
}

#[tokio::test]
async fn a_closed_journal_is_whole_in_its_one_file_even_while_somebody_reads() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let documents = record(&mut ledger, "bench-1", "R1").await;
    let reader = SqliteLedger::open(folder.journal(), OpenMode::ReadOnly)
        .await
        .unwrap();
    assert_eq!(read(&reader, "R1").await, documents);
    ledger.close().await.unwrap();

    // The one file named in every list of what to keep.
    let archive = Folder::new();
    fs::copy(folder.journal(), archive.journal()).unwrap();
    let copy = SqliteLedger::open(archive.journal(), OpenMode::ReadOnly)
        .await
        .unwrap();
    assert_eq!(read(&copy, "R1").await, documents);
    assert_eq!(read(&reader, "R1").await, documents);
}
