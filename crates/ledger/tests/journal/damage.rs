//! Damage of every kind, and whether the checker names the place.

use crate::bench::{
    Dice, Folder, certificate, finding, raw, read, record, seal, start, stop, tick, writer,
};
use dutypoint_ledger::{Error, Nature, OpenMode, Place, Problem, Report, SqliteLedger};
use dutypoint_model::document::{Certificate, FileRef};
use dutypoint_model::seal::ChainHead;
use dutypoint_model::{Digest, Document, Outcome, Sealed, Verdict};
use sqlx::{AssertSqlSafe, SqliteConnection};
use std::fs;
use std::path::Path;

/// Runs R1 to R3 of station `a` in one closed file.
async fn journal(folder: &Folder) -> Vec<Vec<Sealed>> {
    let mut ledger = writer(&folder.journal()).await;
    let mut runs = Vec::new();
    for run in ["R1", "R2", "R3"] {
        runs.push(record(&mut ledger, "a", run).await);
    }
    assert!(ledger.fsck(&[]).await.unwrap().is_clean());
    ledger.close().await.unwrap();
    runs
}

async fn run_sql(conn: &mut SqliteConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(conn)
        .await
        .unwrap();
}

/// Alters a copy of the journal by SQL behind the back of its triggers.
async fn tampered(original: &Folder, sql: &str) -> Folder {
    let copy = Folder::new();
    fs::copy(original.journal(), copy.journal()).unwrap();
    let mut conn = raw(&copy.journal()).await;
    let triggers: Vec<(String, String)> =
        sqlx::query_as("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            .fetch_all(&mut conn)
            .await
            .unwrap();
    for (name, _) in &triggers {
        run_sql(&mut conn, &format!("DROP TRIGGER {name}")).await;
    }
    run_sql(&mut conn, sql).await;
    for (_, create) in &triggers {
        run_sql(&mut conn, create).await;
    }
    copy
}

async fn check(path: &Path) -> Report {
    let ledger = SqliteLedger::open(path, OpenMode::ReadOnly).await.unwrap();
    ledger.fsck(&[]).await.unwrap()
}

async fn places(original: &Folder, sql: &str) -> Vec<(Nature, Place)> {
    let copy = tampered(original, sql).await;
    let report = check(&copy.journal()).await;
    let pair = |p: Problem| (p.nature, p.place);
    report.problems.into_iter().map(pair).collect()
}

fn document(run: &str, seq: i64, field: &'static str) -> (Nature, Place) {
    let run = run.into();
    (Nature::Damaged, Place::Document { run, seq, field })
}

/// `bytes` of a row as an SQL literal, with bit 0 of one byte flipped.
fn flipped(bytes: &[u8], at: usize) -> String {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    format!("x'{}'", dutypoint_model::digest::hex(&bytes))
}

#[tokio::test]
async fn a_flipped_byte_in_any_column_of_any_document_is_named() {
    let folder = Folder::new();
    let runs = journal(&folder).await;
    let mut dice = Dice(3);
    for sealed in &runs[1] {
        let seq = i64::try_from(sealed.seq).unwrap();
        let last = seq == 9;
        let mut within = |length: usize| usize::try_from(dice.below(length as u64)).unwrap();
        let kind = sealed.doc.kind().as_bytes();
        let cases = [
            ("prev", flipped(&sealed.prev.0, within(32))),
            ("digest", flipped(&sealed.digest.0, within(32))),
            ("bytes", flipped(&sealed.bytes, within(sealed.bytes.len()))),
            ("bytes", flipped(&sealed.bytes, within(sealed.bytes.len()))),
            (
                "kind",
                format!("CAST({} AS TEXT)", flipped(kind, within(kind.len()))),
            ),
        ];
        for (column, value) in cases {
            let sql =
                format!("UPDATE document SET {column} = {value} WHERE run = 'R2' AND seq = {seq}");
            let found = places(&folder, &sql).await;
            // Of the last document nobody knows which of the two was altered.
            let expected = if last && column == "bytes" {
                "digest"
            } else {
                column
            };
            assert!(
                found.contains(&document("R2", seq, expected)),
                "{sql}: {found:?}"
            );
            // Nothing else is accused, except by those that rest on a stop now unreadable.
            let rests = |place: &Place| match place {
                Place::Checkpoint { .. } => true,
                Place::Document { seq, .. } => *seq == 9,
                _ => false,
            };
            let of_stop = sealed.doc.kind() == "stop" && column == "bytes";
            for (nature, place) in found {
                let here = matches!(&place, Place::Document { run, seq: at, .. } if run == "R2" && *at == seq);
                // The partial index on stops notices an altered kind as well.
                let index = matches!(place, Place::Journal { .. }) && column == "kind";
                let known = here || index || (of_stop && rests(&place));
                assert!(known || nature == Nature::Unfinished, "{sql}: {place}");
            }
        }
        // A flip in the key files the document elsewhere: both places are named.
        let key = |set: &str| format!("UPDATE document SET {set} WHERE run = 'R2' AND seq = {seq}");
        let found = places(
            &folder,
            &key("run = CAST(x'5233' AS TEXT), seq = seq + 512"),
        )
        .await;
        assert!(
            found.contains(&document("R3", seq + 512, "run")),
            "{found:?}"
        );
        let found = places(&folder, &key("seq = seq + 1024")).await;
        assert!(
            found.contains(&document("R2", seq + 1024, "seq")),
            "{found:?}"
        );
        if !last {
            assert!(found.contains(&document("R2", seq, "seq")), "{found:?}");
        }
        let found = places(&folder, &key("run = CAST(x'52ff' AS TEXT)")).await;
        assert!(
            found.contains(&document("R\u{fffd}", seq, "run")),
            "{found:?}"
        );
        // And a reader meets an error, never another document.
        let copy = tampered(
            &folder,
            &key(&format!("bytes = {}", flipped(&sealed.bytes, 9))),
        )
        .await;
        let ledger = SqliteLedger::open(copy.journal(), OpenMode::ReadOnly)
            .await
            .unwrap();
        let error = ledger.documents_from("R2", 0, 100).await.unwrap_err();
        assert!(
            matches!(&error, Error::Damaged { place: Place::Document { run, seq: at, .. }, .. } if run == "R2" && *at == seq),
            "{error}"
        );
    }
}

#[tokio::test]
async fn removed_swapped_and_inserted_documents_are_named() {
    let folder = Folder::new();
    let runs = journal(&folder).await;
    let found = places(
        &folder,
        "DELETE FROM document WHERE run = 'R2' AND seq IN (3, 4)",
    )
    .await;
    assert!(found.contains(&document("R2", 3, "seq")), "{found:?}");
    let found = places(&folder, "DELETE FROM document WHERE run = 'R2' AND seq = 0").await;
    assert!(found.contains(&document("R2", 0, "seq")), "{found:?}");
    // The end of a run: the chain cannot show it, the catalogue row does.
    let catalogue = |run: &str, nature, field| {
        (
            nature,
            Place::Catalogue {
                run: run.into(),
                field,
            },
        )
    };
    let found = places(&folder, "DELETE FROM document WHERE run = 'R2' AND seq = 9").await;
    assert_eq!(found, [catalogue("R2", Nature::Damaged, "documents")]);
    let found = places(&folder, "DELETE FROM document WHERE run = 'R2'").await;
    assert!(
        found.contains(&catalogue("R2", Nature::Damaged, "documents")),
        "{found:?}"
    );
    let lost = Place::Checkpoint {
        station: "a".into(),
        index: 1,
        field: "run",
    };
    assert!(found.contains(&(Nature::Damaged, lost)), "{found:?}");

    let swap = "UPDATE document SET seq = 100 WHERE run = 'R2' AND seq = 3; \
        UPDATE document SET seq = 3 WHERE run = 'R2' AND seq = 4; \
        UPDATE document SET seq = 4 WHERE run = 'R2' AND seq = 100";
    let found = places(&folder, swap).await;
    assert!(found.contains(&document("R2", 3, "prev")), "{found:?}");
    assert!(found.contains(&document("R2", 3, "seq")), "{found:?}");

    // A document replaced by a well-formed one with a right digest of its own.
    let before = runs[1][3].prev;
    let forged = Sealed::seal("R2", 3, before, tick(77)).unwrap();
    let hex = dutypoint_model::digest::hex;
    let replace = format!(
        "UPDATE document SET kind = 'tick', bytes = x'{}', digest = x'{}' WHERE run = 'R2' AND seq = 3",
        hex(&forged.bytes),
        hex(&forged.digest.0)
    );
    let found = places(&folder, &replace).await;
    assert!(found.contains(&document("R2", 4, "prev")), "{found:?}");
    let copy = tampered(&folder, &replace).await;
    let ledger = SqliteLedger::open(copy.journal(), OpenMode::ReadOnly)
        .await
        .unwrap();
    for from in [0, 4] {
        let error = ledger.documents_from("R2", from, 100).await.unwrap_err();
        let (_, place) = document("R2", 4, "prev");
        assert!(
            matches!(&error, Error::Damaged { place: at, .. } if *at == place),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_history_rewritten_to_its_end_is_betrayed_by_the_checkpoint() {
    let folder = Folder::new();
    let runs = journal(&folder).await;
    let mut head = ChainHead::new("R2");
    let mut sql = String::new();
    for sealed in &runs[1] {
        let document = match &sealed.doc {
            Document::Act(_) => crate::bench::act(2_000, "forged"),
            Document::Certificate(_) => certificate("R2", runs[1][6].digest),
            other => other.clone(),
        };
        let forged = head.append(document).unwrap();
        let hex = dutypoint_model::digest::hex;
        sql += &format!(
            "UPDATE document SET prev = x'{}', digest = x'{}', bytes = x'{}' WHERE run = 'R2' AND seq = {};",
            hex(&forged.prev.0),
            hex(&forged.digest.0),
            hex(&forged.bytes),
            forged.seq
        );
    }
    sql += &format!("UPDATE run SET head = x'{}' WHERE run = 'R2'", head.digest);
    let found = places(&folder, &sql).await;
    let signed = Place::Checkpoint {
        station: "a".into(),
        index: 1,
        field: "stop",
    };
    // The certificate rests on the old stop as well.
    assert_eq!(
        found,
        [document("R2", 9, "bytes"), (Nature::Damaged, signed)]
    );
}

#[tokio::test]
async fn damaged_files_and_checkpoints_are_named() {
    let folder = Folder::new();
    journal(&folder).await;
    let digest = Digest::of(b"flow = 50").to_string();
    let file = Place::File {
        digest: digest.clone(),
        field: "bytes",
    };
    for set in ["bytes = x'00'", "bytes = x''"] {
        let found = places(&folder, &format!("UPDATE file SET {set}")).await;
        assert!(
            found.contains(&(Nature::Damaged, file.clone())),
            "{found:?}"
        );
        assert!(found.contains(&document("R1", 0, "bytes")), "{found:?}");
    }
    let found = places(&folder, "DELETE FROM file").await;
    assert_eq!(
        found
            .iter()
            .filter(|f| **f == document("R3", 0, "bytes"))
            .count(),
        3
    );

    let at = |index, field| {
        let place = Place::Checkpoint {
            station: "a".into(),
            index,
            field,
        };
        (Nature::Damaged, place)
    };
    for (sql, field) in [
        ("UPDATE checkpoint SET run = 'R9' WHERE idx = 1", "run"),
        (
            "UPDATE checkpoint SET stop_seq = 5 WHERE idx = 1",
            "stop_seq",
        ),
        ("UPDATE checkpoint SET bytes = x'00' WHERE idx = 1", "bytes"),
    ] {
        let found = places(&folder, sql).await;
        assert!(found.contains(&at(1, field)), "{sql}: {found:?}");
    }
    let found = places(&folder, "UPDATE checkpoint SET idx = 7 WHERE idx = 1").await;
    assert!(
        found.contains(&at(2, "idx")) && found.contains(&at(7, "idx")),
        "{found:?}"
    );
    let found = places(&folder, "UPDATE checkpoint SET station = 'z' WHERE idx = 0").await;
    assert!(found.contains(&at(1, "idx")), "{found:?}");
    let found = places(&folder, "DELETE FROM checkpoint WHERE idx = 0").await;
    assert!(found.contains(&at(1, "idx")), "{found:?}");
    let found = places(&folder, "DELETE FROM checkpoint WHERE idx = 2").await;
    let unsigned = Place::Document {
        run: "R3".into(),
        seq: 6,
        field: "kind",
    };
    assert_eq!(found, [(Nature::Unfinished, unsigned)]);
    // One flipped bit anywhere in the bytes.
    let mut conn = raw(&folder.journal()).await;
    let bytes: Vec<u8> = sqlx::query_scalar("SELECT bytes FROM checkpoint WHERE idx = 1")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    for n in (0..bytes.len()).step_by(11) {
        let sql = format!(
            "UPDATE checkpoint SET bytes = {} WHERE idx = 1",
            flipped(&bytes, n)
        );
        let found = places(&folder, &sql).await;
        let named =
            |(_, place): &(Nature, Place)| matches!(place, Place::Checkpoint { index: 1, .. });
        assert!(found.iter().any(named), "byte {n}: {found:?}");
    }
}

#[tokio::test]
async fn every_column_of_the_catalogue_is_compared_and_rebuilt() {
    let folder = Folder::new();
    journal(&folder).await;
    for (field, set) in [
        ("station", "'b'"),
        ("origin", "'bench'"),
        ("origin", "'nowhere'"),
        ("operator", "'x'"),
        ("order_name", "'x'"),
        ("order_digest", "x'00'"),
        ("started_ns", "1"),
        ("last_ns", "1"),
        ("stop_seq", "NULL"),
        ("stop_seq", "-1"),
        ("outcome", "'Interrupted'"),
        ("verdict", "'Fail'"),
        ("certificate", "NULL"),
        ("documents", "9"),
        ("pages", "7"),
        ("points", "7"),
        ("gaps", "7"),
        ("head", "zeroblob(32)"),
        ("run", "'R9'"),
    ] {
        let sql = format!("UPDATE run SET {field} = {set} WHERE run = 'R2'");
        let copy = tampered(&folder, &sql).await;
        let mut ledger = writer(&copy.journal()).await;
        let report = ledger.fsck(&[]).await.unwrap();
        let place = Place::Catalogue {
            run: "R2".into(),
            field,
        };
        let found = report.of(Nature::Derived).any(|p| p.place == place);
        assert!(found, "{sql}: {:?}", report.problems);
        let rebuilt = ledger.rebuild_catalogue().await.unwrap();
        assert!(
            !rebuilt.was_equal() && rebuilt.mended.contains(&"R2".to_owned()),
            "{rebuilt:?}"
        );
        assert!(ledger.fsck(&[]).await.unwrap().is_clean(), "{sql}");
        assert!(
            ledger.rebuild_catalogue().await.unwrap().was_equal(),
            "{sql}"
        );
    }
    // What cannot be read is said, and does not keep the rest from being rebuilt.
    let sql = "DELETE FROM run; UPDATE document SET bytes = x'00' WHERE run = 'R1' AND seq = 4";
    let copy = tampered(&folder, sql).await;
    let mut ledger = writer(&copy.journal()).await;
    let rebuilt = ledger.rebuild_catalogue().await.unwrap();
    assert_eq!(
        (rebuilt.runs, rebuilt.mended.as_slice()),
        (3, &["R2".into(), "R3".into()][..])
    );
    let (run, why) = &rebuilt.unreadable[0];
    assert!(run == "R1" && why.contains("document 4"), "{why}");
}

#[tokio::test]
async fn what_documents_say_about_their_run_is_checked() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let order = ledger.put_file("order.toml", b"x").await.unwrap();
    let mut head = ChainHead::new("R1");
    let batch = vec![
        start("a", order),
        tick(1),
        stop(2, Outcome::Completed, [3, 1, 2]),
    ];
    let batch = seal(&mut head, batch);
    ledger.append(&batch).await.unwrap();
    crate::bench::sign(&mut ledger, "a", &batch[2]).await;
    let Document::Certificate(good) = certificate("R1", batch[2].digest) else {
        panic!()
    };
    let mut unsigned = (*good).clone();
    unsigned.signature.0[5] ^= 1;
    let mut altered = (*good).clone();
    altered.statement.packs = vec![FileRef {
        name: "p".into(),
        digest: Digest::ZERO,
    }];
    let certified = |c: Certificate| Document::Certificate(Box::new(c));
    let batch = seal(
        &mut head,
        vec![
            finding(Verdict::Pass, true),
            certificate("R7", batch[2].digest),
            certificate("R1", batch[1].digest),
            certified(unsigned),
            certified(altered),
            certified(*good),
        ],
    );
    ledger.append(&batch).await.unwrap();
    let report = ledger.fsck(&[]).await.unwrap();
    let said: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    for (line, words) in said.iter().zip([
        "document 2, bytes: the stop counts 3 pages, 0 are stored",
        "document 2, bytes: the stop counts 1 points, 0 are stored",
        "document 2, bytes: the stop counts 2 gaps, 0 are stored",
        "document 4, bytes: the certificate is about run \"R7\"",
        "document 5, bytes: the certificate rests on another stop",
        "document 6, bytes: the certificate's signature",
        "document 7, bytes: the certificate's signature",
    ]) {
        assert!(line.contains(words), "{line}");
    }
    assert_eq!(said.len(), 7, "{said:?}");
}

#[tokio::test]
async fn a_changed_schema_is_named() {
    let folder = Folder::new();
    journal(&folder).await;
    for (sql, words) in [
        ("DROP TRIGGER document_update", "document_update is missing"),
        ("CREATE TABLE extra (a)", "extra does not belong"),
        (
            "DROP INDEX run_started; CREATE INDEX run_started ON run (run)",
            "run_started is not as specified",
        ),
        ("DROP TABLE file", "no such table"),
        ("DROP TABLE run", "no such table"),
        ("DROP TABLE checkpoint", "no such table"),
    ] {
        let copy = Folder::new();
        fs::copy(folder.journal(), copy.journal()).unwrap();
        run_sql(&mut raw(&copy.journal()).await, sql).await;
        let report = check(&copy.journal()).await;
        let said: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        assert!(
            said.iter().any(|line| line.contains(words)),
            "{sql}: {said:?}"
        );
    }
}

/// Whatever byte of the file is wrong: no panic, and a document that is given out is one
/// that was put in.
#[tokio::test]
async fn rot_in_the_file_never_gives_out_another_document() {
    let folder = Folder::new();
    let runs = journal(&folder).await;
    let good = fs::read(folder.journal()).unwrap();
    let mut dice = Dice(11);
    let mut noticed = 0;
    for _ in 0..150 {
        let copy = Folder::new();
        let mut bad = good.clone();
        let at = usize::try_from(dice.below(bad.len() as u64)).unwrap();
        bad[at] ^= 1 << dice.below(8);
        fs::write(copy.journal(), bad).unwrap();
        let Ok(ledger) = SqliteLedger::open(copy.journal(), OpenMode::ReadOnly).await else {
            noticed += 1;
            continue;
        };
        let report = ledger.fsck(&[]).await.unwrap();
        noticed += u32::from(!report.is_clean());
        for all in &runs {
            match ledger.documents_from(&all[0].run, 0, 100).await {
                Ok(documents) => assert!(all.starts_with(&documents), "byte {at}"),
                Err(error) => assert!(
                    matches!(
                        error,
                        Error::Damaged { .. } | Error::Read { .. } | Error::UnknownRun { .. }
                    ),
                    "byte {at}: {error}"
                ),
            }
        }
        if report.is_clean() {
            assert_eq!(read(&ledger, "R1").await, runs[0], "byte {at}");
        }
    }
    assert!(noticed > 15, "{noticed}");
}
