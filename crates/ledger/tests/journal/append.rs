//! Appending and reading back.

use crate::bench::{
    Folder, act, certificate, finding, gap, page, read, record, seal, start, stop, tick, writer,
};
use dutypoint_ledger::{Error, OpenMode, SqliteLedger};
use dutypoint_model::document::{FileRef, Origin};
use dutypoint_model::seal::ChainHead;
use dutypoint_model::{Digest, Outcome, Sealed, Verdict};

#[tokio::test]
async fn what_is_appended_reads_back_after_reopening_and_is_listed() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let all = record(&mut ledger, "bench-1", "R1").await;
    ledger.close().await.unwrap();

    let ledger = SqliteLedger::open(folder.journal(), OpenMode::ReadOnly)
        .await
        .unwrap();
    assert_eq!(read(&ledger, "R1").await, all);
    assert_eq!(ledger.documents_from("R1", 3, 4).await.unwrap(), all[3..7]);
    assert_eq!(ledger.documents_from("R1", 10, 4).await.unwrap(), []);
    assert_eq!(ledger.documents_from("R1", u64::MAX, 4).await.unwrap(), []);
    assert_eq!(
        ledger.documents_from("R2", 0, 4).await,
        Err(Error::UnknownRun { run: "R2".into() })
    );
    let head = ledger.chain_head("R1").await.unwrap();
    assert_eq!((head.next, head.digest), (10, all[9].digest));

    let runs = ledger.runs().await.unwrap();
    assert_eq!(runs.len(), 1);
    let run = &runs[0];
    assert_eq!(run.chain_head(), head);
    assert_eq!(
        (run.station.as_str(), run.origin),
        ("bench-1", Origin::Simulated)
    );
    assert_eq!(
        (run.order_name.as_str(), run.operator.as_str()),
        ("order.toml", "李工")
    );
    assert_eq!((run.started_ns, run.last_ns), (1_000, 300_000_000));
    assert_eq!((run.pages, run.points, run.gaps), (2, 0, 1));
    assert_eq!(run.outcome, Some(Outcome::Completed));
    assert_eq!(
        run.verdict,
        Some(Verdict::Pass),
        "the failed finding does not decide"
    );
    assert_eq!(run.certificate.as_deref(), Some("C-R1"));
    assert_eq!(ledger.run("R1").await.unwrap(), *run);
}

#[tokio::test]
async fn a_reader_sees_what_has_a_receipt_while_the_writer_goes_on() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let reader = SqliteLedger::open(folder.journal(), OpenMode::ReadOnly)
        .await
        .unwrap();
    let all = record(&mut ledger, "bench-1", "R1").await;
    assert_eq!(read(&reader, "R1").await, all);
    let more = record(&mut ledger, "bench-1", "R2").await;
    ledger.tidy().await.unwrap();
    assert_eq!(read(&reader, "R2").await, more);
}

/// A run that has begun, with the head to go on from.
async fn begun(ledger: &mut SqliteLedger) -> ChainHead {
    let order = ledger.put_file("order.toml", b"flow = 50").await.unwrap();
    let mut head = ChainHead::new("R1");
    let batch = seal(&mut head, vec![start("bench-1", order), tick(1), tick(2)]);
    let receipt = ledger.append(&batch).await.unwrap();
    assert_eq!((receipt.through_seq, receipt.digest), (2, head.digest));
    head
}

#[tokio::test]
async fn a_batch_that_does_not_continue_the_chain_leaves_nothing_behind() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let head = begun(&mut ledger).await;
    let before = read(&ledger, "R1").await;

    // Sent too early, sent after another document, an old part of the run.
    let old = before[..2].to_vec();
    let early = seal(
        &mut ChainHead {
            next: 5,
            ..head.clone()
        },
        vec![tick(5)],
    );
    let fork = seal(
        &mut ChainHead {
            digest: Digest::of(b"other"),
            ..head.clone()
        },
        vec![tick(5)],
    );
    // The number of the stored end with other content, and the same with more after it.
    let mut aside = ChainHead {
        next: 2,
        digest: before[1].digest,
        ..head.clone()
    };
    let other = seal(&mut aside, vec![tick(77), tick(78)]);
    for batch in [old, early, fork, other[..1].to_vec(), other] {
        let error = ledger.append(&batch).await.unwrap_err();
        assert!(matches!(error, Error::Chain { next: 3, .. }), "{error}");
    }
    assert_eq!(ledger.append(&[]).await, Err(Error::EmptyBatch));

    // A batch whose second half is wrong must not leave its first half.
    let mut mixed = seal(&mut head.clone(), vec![tick(3), tick(4), tick(5)]);
    mixed.remove(1);
    let error = ledger.append(&mixed).await.unwrap_err();
    assert!(matches!(error, Error::Refused { seq: 5, .. }), "{error}");

    // A document whose fields do not say what its bytes say.
    let good = seal(&mut head.clone(), vec![tick(3)]).remove(0);
    let lies: [(&str, Sealed); 4] = [
        (
            "digest",
            Sealed {
                digest: Digest::ZERO,
                ..good.clone()
            },
        ),
        (
            "doc",
            Sealed {
                doc: gap(0, 1),
                ..good.clone()
            },
        ),
        (
            "seq",
            Sealed {
                seq: 4,
                ..good.clone()
            },
        ),
        (
            "bytes",
            Sealed {
                bytes: vec![0x18, 0x01],
                ..good.clone()
            },
        ),
    ];
    for (field, lie) in lies {
        let error = ledger.append(&[lie]).await.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{field}: {error}");
    }

    assert_eq!(read(&ledger, "R1").await, before);
    assert_eq!(ledger.held(), None, "a refusal is no failure of storage");
    ledger.append(&[good]).await.unwrap();
    assert!(
        ledger.fsck(&[]).await.unwrap().problems.len() == 1,
        "the open run only"
    );
}

#[tokio::test]
async fn a_batch_sent_again_gets_its_receipt_and_is_stored_once() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let mut head = begun(&mut ledger).await;
    let before = read(&ledger, "R1").await;
    for from in 0..before.len() {
        let receipt = ledger.append(&before[from..]).await.unwrap();
        assert_eq!((receipt.through_seq, receipt.digest), (2, head.digest));
    }
    assert_eq!(read(&ledger, "R1").await, before);
    // The receipt rests on a commit of its own: one that writes nothing would not sync.
    let log = folder.path().join("bench.journal-wal");
    let length = std::fs::metadata(&log).unwrap().len();
    ledger.append(&before).await.unwrap();
    assert!(std::fs::metadata(&log).unwrap().len() > length);
    // The stored end with more after it.
    let mut longer = before[1..].to_vec();
    longer.extend(seal(&mut head, vec![tick(3), page(4, 2)]));
    let receipt = ledger.append(&longer).await.unwrap();
    assert_eq!((receipt.through_seq, receipt.digest), (4, head.digest));
    assert_eq!(read(&ledger, "R1").await[1..], longer);
    let run = ledger.run("R1").await.unwrap();
    assert_eq!((run.chain_head(), run.pages), (head, 1));
    // Also the end of a run that has ended.
    let all = record(&mut ledger, "bench-1", "R2").await;
    ledger.append(&all[6..]).await.unwrap();
    ledger.append(&all).await.unwrap();
    assert_eq!(read(&ledger, "R2").await, all);
}

#[tokio::test]
async fn the_order_of_a_run_is_kept() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let mut head = begun(&mut ledger).await;
    let order = ledger.put_file("order.toml", b"flow = 50").await.unwrap();
    let refused = |error: Error, hint: &str| {
        let text = error.to_string();
        assert!(
            matches!(error, Error::Refused { .. }) && text.contains(hint),
            "{text}"
        );
    };

    let headless = seal(&mut ChainHead::new("R2"), vec![tick(0)]);
    refused(
        ledger.append(&headless).await.unwrap_err(),
        "begins with its start",
    );
    let twice = seal(&mut head.clone(), vec![start("bench-1", order)]);
    refused(ledger.append(&twice).await.unwrap_err(), "one start");
    let nameless = seal(&mut ChainHead::new(""), vec![tick(0)]);
    refused(ledger.append(&nameless).await.unwrap_err(), "name");

    let ended = seal(
        &mut head,
        vec![stop(3, Outcome::StoppedByOperator, [0, 0, 0])],
    );
    ledger.append(&ended).await.unwrap();
    let late = seal(
        &mut head.clone(),
        vec![finding(Verdict::Pass, true), page(9, 1)],
    );
    refused(
        ledger.append(&late).await.unwrap_err(),
        "ended with document 3",
    );
    let again = seal(
        &mut head.clone(),
        vec![stop(4, Outcome::Completed, [0, 0, 0])],
    );
    refused(
        ledger.append(&again).await.unwrap_err(),
        "ended with document 3",
    );
    assert_eq!(ledger.chain_head("R1").await.unwrap().next, 4);
    let issued = seal(&mut head, vec![certificate("R1", ended[0].digest)]);
    ledger.append(&issued).await.unwrap();
}

#[tokio::test]
async fn a_start_needs_its_files_and_files_are_stored_once() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let absent = FileRef {
        name: "order.toml".into(),
        digest: Digest::of(b"never stored"),
    };
    let batch = seal(
        &mut ChainHead::new("R1"),
        vec![start("bench-1", absent.clone())],
    );
    let error = ledger.append(&batch).await.unwrap_err().to_string();
    assert!(
        error.contains("order.toml") && error.contains("store the file first"),
        "{error}"
    );
    assert_eq!(ledger.runs().await.unwrap(), []);
    assert_eq!(
        ledger.file(&absent.digest).await,
        Err(Error::UnknownFile {
            digest: absent.digest
        })
    );

    let stored = ledger
        .put_file("order.toml", b"never stored")
        .await
        .unwrap();
    assert_eq!(stored, absent);
    let renamed = ledger.put_file("copy.toml", b"never stored").await.unwrap();
    assert_eq!(renamed.digest, absent.digest);
    let file = ledger.file(&absent.digest).await.unwrap();
    assert_eq!(
        (file.name.as_str(), file.bytes.as_slice()),
        ("order.toml", &b"never stored"[..])
    );
    let empty = ledger.put_file("empty", b"").await.unwrap();
    assert_eq!(ledger.file(&empty.digest).await.unwrap().bytes, b"");
    for name in ["", "..", "a/b", "a\\b", "a\nb"] {
        let error = ledger.put_file(name, b"x").await.unwrap_err();
        assert!(matches!(error, Error::FileName { .. }), "{name:?}: {error}");
    }
    ledger.append(&batch).await.unwrap();
}

#[tokio::test]
async fn open_runs_give_recovery_what_it_needs() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    record(&mut ledger, "bench-1", "R0").await;
    let mut head = begun(&mut ledger).await;
    let batch = seal(
        &mut head,
        vec![
            page(5_000_000, 2),
            gap(6_000_000, 7_000_000),
            act(8_000_000, "x"),
        ],
    );
    ledger.append(&batch).await.unwrap();
    ledger.close().await.unwrap();

    let mut ledger = writer(&folder.journal()).await;
    let open = ledger.open_runs().await.unwrap();
    assert_eq!(open.len(), 1);
    let run = &open[0];
    assert_eq!((run.run.as_str(), run.last_ns), ("R1", 8_000_000));
    assert_eq!([run.pages, run.points, run.gaps], [1, 0, 1]);
    let mut head = run.chain_head();
    let recovery = seal(
        &mut head,
        vec![
            gap(run.last_ns, 9_000_000),
            stop(
                9_000_000,
                Outcome::Interrupted,
                [run.pages, run.points, run.gaps + 1],
            ),
        ],
    );
    ledger.append(&recovery).await.unwrap();
    assert_eq!(ledger.open_runs().await.unwrap(), []);
    let unsigned = ledger.unsigned_stops().await.unwrap();
    assert_eq!(unsigned, recovery[1..]);
    crate::bench::sign(&mut ledger, "bench-1", &unsigned[0]).await;
    assert_eq!(ledger.unsigned_stops().await.unwrap(), []);
    let report = ledger.fsck(&[]).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.problems);
}

#[tokio::test]
async fn a_journal_opened_for_reading_takes_nothing() {
    let folder = Folder::new();
    writer(&folder.journal()).await.close().await.unwrap();
    let mut ledger = SqliteLedger::open(folder.journal(), OpenMode::ReadOnly)
        .await
        .unwrap();
    let error = ledger.put_file("a", b"b").await.unwrap_err();
    assert!(matches!(error, Error::ReadOnly { .. }), "{error}");
    let batch = seal(&mut ChainHead::new("R1"), vec![tick(0)]);
    let error = ledger.append(&batch).await.unwrap_err();
    assert!(matches!(error, Error::ReadOnly { .. }), "{error}");
}

#[tokio::test]
async fn a_wrong_catalogue_does_not_mislead_recording() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let mut head = begun(&mut ledger).await;
    let mut raw = crate::bench::raw(&folder.journal()).await;
    for sql in [
        "UPDATE run SET documents = 9, stop_seq = 1, outcome = 'Completed'",
        "UPDATE run SET origin = 'nowhere'",
        "DELETE FROM run",
    ] {
        sqlx::raw_sql(sql).execute(&mut raw).await.unwrap();
        let open = ledger.open_runs().await.unwrap();
        assert_eq!(open[0].chain_head(), head, "{sql}");
        let batch = seal(&mut head, vec![tick(10)]);
        ledger.append(&batch).await.unwrap();
        let run = ledger.run("R1").await.unwrap();
        assert_eq!(
            (run.chain_head(), run.stop_seq),
            (head.clone(), None),
            "{sql}"
        );
    }
}

#[test]
fn a_ledger_can_be_shared_between_threads() {
    fn check<T: Send + Sync>() {}
    fn sent<F: Send>(_: F) {}
    check::<SqliteLedger>();
    fn futures(ledger: &mut SqliteLedger) {
        sent(ledger.append(&[]));
        sent(ledger.fsck(&[]));
        sent(ledger.rebuild_catalogue());
        sent(ledger.open_runs());
    }
    let _compiled = futures;
}
