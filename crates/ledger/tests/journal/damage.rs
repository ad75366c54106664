//! Damage of documents of every kind, and whether reader and checker name the place.

use crate::bench::{Dice, Folder, certificate, raw, record, tick, writer};
use dutypoint_ledger::{Error, Nature, OpenMode, Place, Problem, Report, SqliteLedger};
use dutypoint_model::seal::ChainHead;
use dutypoint_model::{Document, Sealed};
use sqlx::{AssertSqlSafe, SqliteConnection};
use std::fs;

/// Runs R1 to R3 of station `a` in one closed file.
pub(crate) async fn journal(folder: &Folder) -> Vec<Vec<Sealed>> {
    let mut ledger = writer(&folder.journal()).await;
    let mut runs = Vec::new();
    for run in ["R1", "R2", "R3"] {
        runs.push(record(&mut ledger, "a", run).await);
    }
    assert!(ledger.fsck(&[]).await.unwrap().is_clean());
    ledger.close().await.unwrap();
    runs
}

pub(crate) async fn run_sql(conn: &mut SqliteConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(conn)
        .await
        .unwrap();
}

/// Alters a copy of the journal by SQL behind the back of its triggers.
pub(crate) async fn tampered(original: &Folder, sql: &str) -> Folder {
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

pub(crate) async fn reader(folder: &Folder) -> SqliteLedger {
    SqliteLedger::open(folder.journal(), OpenMode::ReadOnly)
        .await
        .unwrap()
}

fn found(report: Report) -> Vec<(Nature, Place)> {
    let pair = |p: Problem| (p.nature, p.place);
    report.problems.into_iter().map(pair).collect()
}

pub(crate) async fn places(original: &Folder, sql: &str) -> Vec<(Nature, Place)> {
    let copy = tampered(original, sql).await;
    found(reader(&copy).await.fsck(&[]).await.unwrap())
}

pub(crate) fn document(run: &str, seq: i64, field: &'static str) -> (Nature, Place) {
    let run = run.into();
    (Nature::Damaged, Place::Document { run, seq, field })
}

/// `bytes` of a row as an SQL literal, with bit 0 of one byte flipped.
pub(crate) fn flipped(bytes: &[u8], at: usize) -> String {
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
            let copy = tampered(&folder, &sql).await;
            let ledger = reader(&copy).await;
            // A reader meets an error there, never another document.
            let error = ledger.documents_from("R2", 0, 100).await.unwrap_err();
            assert!(
                matches!(&error, Error::Damaged { place: Place::Document { run, seq: at, .. }, .. } if run == "R2" && *at == seq),
                "{sql}: {error}"
            );
            let found = found(ledger.fsck(&[]).await.unwrap());
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
                // A start whose station was altered contradicts the checkpoint's.
                let station = sealed.doc.kind() == "start"
                    && column == "bytes"
                    && matches!(place, Place::Checkpoint { .. });
                let known = here || index || station || (of_stop && rests(&place));
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
    }
}

#[tokio::test]
async fn removed_swapped_and_inserted_documents_are_named() {
    let folder = Folder::new();
    let runs = journal(&folder).await;
    let hole = "DELETE FROM document WHERE run = 'R2' AND seq IN (3, 4)";
    let found = places(&folder, hole).await;
    assert!(found.contains(&document("R2", 3, "seq")), "{found:?}");
    let copy = tampered(&folder, hole).await;
    let ledger = reader(&copy).await;
    for (from, at) in [(0, 3), (3, 3), (4, 3), (5, 4)] {
        let error = ledger.documents_from("R2", from, 100).await.unwrap_err();
        let (_, expected) = document("R2", at, "seq");
        assert!(
            matches!(&error, Error::Damaged { place, .. } if *place == expected),
            "{from}: {error}"
        );
    }
    assert_eq!(
        ledger.documents_from("R2", 6, 100).await.unwrap(),
        runs[1][6..]
    );
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
    let ledger = reader(&copy).await;
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
