//! Damage around the documents: files, checkpoints, catalogue, schema, the file itself.

use crate::bench::{
    Dice, Folder, certificate, finding, key, raw, read, seal, start, stop, tick, writer,
};
use crate::damage::{document, flipped, journal, places, reader, run_sql, tampered};
use dutypoint_ledger::{Error, Nature, OpenMode, Place, SqliteLedger, sign_checkpoint};
use dutypoint_model::document::{Certificate, FileRef};
use dutypoint_model::seal::ChainHead;
use dutypoint_model::{Digest, Document, Outcome, Verdict, cbor};
use std::fs;

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
    let copy = tampered(&folder, "UPDATE file SET bytes = x'00'").await;
    let ledger = reader(&copy).await;
    let error = ledger.file(&Digest::of(b"flow = 50")).await.unwrap_err();
    assert!(
        matches!(&error, Error::Damaged { place, .. } if *place == file),
        "{error}"
    );
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
    // Signed as it should be, but after another checkpoint.
    let ledger = reader(&folder).await;
    let mut body = ledger.checkpoints("a").await.unwrap().remove(1).body;
    body.prev = Digest::of(b"another");
    let forged = cbor::encode(&sign_checkpoint(body, &key()).unwrap()).unwrap();
    let hex = dutypoint_model::digest::hex(&forged);
    let sql = format!("UPDATE checkpoint SET bytes = x'{hex}' WHERE idx = 1");
    let found = places(&folder, &sql).await;
    assert!(
        found.contains(&at(1, "prev")) && found.contains(&at(2, "prev")),
        "{found:?}"
    );
    let copy = tampered(&folder, &sql).await;
    let error = reader(&copy).await.checkpoints("a").await.unwrap_err();
    assert!(
        matches!(&error, Error::Damaged { place, .. } if *place == at(1, "prev").1),
        "{error}"
    );
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
        let report = reader(&copy).await.fsck(&[]).await.unwrap();
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
