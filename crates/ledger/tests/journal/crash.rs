//! Death of the process, and of the log's end.

use crate::bench::{Dice, Folder, act, gap, read, seal, sign, start, stop, tick, writer};
use crate::child;
use dutypoint_ledger::{Nature, OpenMode, SqliteLedger};
use dutypoint_model::seal::ChainHead;
use dutypoint_model::{Document, Outcome, Sealed};
use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// Every announced batch is there whole.
fn assert_whole_batches(documents: &[Sealed]) {
    for (place, sealed) in documents.iter().enumerate() {
        let Document::Act(act) = &sealed.doc else {
            continue;
        };
        let follow: usize = act.reason.strip_suffix(" follow").unwrap().parse().unwrap();
        let batch = documents.get(place + 1..place + 1 + follow);
        assert!(
            batch.is_some_and(|batch| batch.iter().all(|s| !matches!(s.doc, Document::Act(_)))),
            "half a batch after document {} of {}",
            sealed.seq,
            sealed.run
        );
    }
}

#[tokio::test]
async fn every_receipt_survives_kill_9_at_any_moment_and_no_half_batch_does() {
    let folder = Folder::new();
    let path = folder.journal();
    let mut dice = Dice(u64::from(std::process::id()));
    let mut receipts: BTreeMap<String, Vec<(u64, String)>> = BTreeMap::new();
    let mut note = |line: String| -> bool {
        let words: Vec<&str> = line.split(' ').collect();
        let ["receipt", run, seq, digest] = words[..] else {
            return false;
        };
        let receipt = (seq.parse().unwrap(), digest.to_owned());
        receipts.entry(run.to_owned()).or_default().push(receipt);
        true
    };
    for round in 0..12 {
        let mut recorder = child::spawn("record", &path);
        for _ in 0..=dice.below(40) {
            let line = recorder.line().unwrap();
            assert!(note(line.clone()), "round {round}: {line}");
        }
        std::thread::sleep(Duration::from_micros(dice.below(3000)));
        recorder.kill();
        // What it had still said before it died counts as well.
        while recorder.line().is_some_and(&mut note) {}

        let ledger = SqliteLedger::open(&path, OpenMode::ReadOnly).await.unwrap();
        let report = ledger.fsck(&[]).await.unwrap();
        let wrong: Vec<_> = report
            .problems
            .iter()
            .filter(|p| p.nature != Nature::Unfinished)
            .collect();
        assert!(wrong.is_empty(), "round {round}: {wrong:?}");
    }
    let count: usize = receipts.values().map(Vec::len).sum();
    assert!(count > 12, "the children got something done: {count}");

    let mut ledger = writer(&path).await;
    for (run, receipts) in &receipts {
        let documents = read(&ledger, run).await;
        assert_whole_batches(&documents);
        for (seq, digest) in receipts {
            let stored = &documents[usize::try_from(*seq).unwrap()];
            assert_eq!(stored.digest.to_string(), *digest, "{run} {seq}");
        }
    }
    // Recovery as the station does it leaves a journal without any blemish.
    for run in ledger.open_runs().await.unwrap() {
        let mut head = run.chain_head();
        let counts = [run.pages, run.points, run.gaps + 1];
        let end = vec![
            gap(run.last_ns, run.last_ns),
            stop(run.last_ns, Outcome::Interrupted, counts),
        ];
        let end = seal(&mut head, end);
        ledger.append(&end).await.unwrap();
    }
    for stop in ledger.unsigned_stops().await.unwrap() {
        sign(&mut ledger, "bench-1", &stop).await;
    }
    let report = ledger.fsck(&[]).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.problems);
    assert!(report.runs > 0 && report.checkpoints == report.runs);
    assert!(ledger.rebuild_catalogue().await.unwrap().was_equal());
}

/// A power cut may leave any beginning of the log that was not yet synced, and rubbish
/// after it.
#[tokio::test]
async fn a_log_cut_anywhere_gives_whole_batches_only() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let order = ledger.put_file("order.toml", b"x").await.unwrap();
    ledger.tidy().await.unwrap();
    let mut head = ChainHead::new("R1");
    for batch in 0..12 {
        let mut documents = vec![];
        if batch == 0 {
            documents.push(start("bench-1", order.clone()));
        }
        documents.push(act(batch, "9 follow"));
        documents.extend((0..9).map(tick));
        let sealed = seal(&mut head, documents);
        ledger.append(&sealed).await.unwrap();
    }
    let database = fs::read(folder.journal()).unwrap();
    let log = fs::read(folder.path().join("bench.journal-wal")).unwrap();
    let mut dice = Dice(1);
    let mut lengths = Vec::new();
    for part in 0..=24 {
        let cut = log.len() * part / 24;
        let cut = cut.saturating_sub(usize::try_from(dice.below(3000)).unwrap() * (part % 2));
        let copy = Folder::new();
        fs::write(copy.journal(), &database).unwrap();
        let mut rest = log[..cut].to_vec();
        rest.extend((0..dice.below(5000)).map(|n| (n % 251).to_le_bytes()[0]));
        fs::write(copy.path().join("bench.journal-wal"), rest).unwrap();

        let mut cut_off = writer(&copy.journal()).await;
        let documents = read(&cut_off, "R1").await;
        assert_whole_batches(&documents);
        lengths.push(documents.len());
        let report = cut_off.fsck(&[]).await.unwrap();
        assert_eq!(
            report.of(Nature::Damaged).count(),
            0,
            "{:?}",
            report.problems
        );
        assert_eq!(
            report.of(Nature::Derived).count(),
            0,
            "{:?}",
            report.problems
        );
        // And recording goes on from there.
        let mut head = cut_off.chain_head("R1").await.unwrap();
        if head.next > 0 {
            let more = seal(&mut head, vec![tick(99)]);
            cut_off.append(&more).await.unwrap();
        }
    }
    assert_eq!(lengths.first(), Some(&0));
    assert_eq!(lengths.last(), Some(&121));
    assert!(lengths.iter().any(|n| (1..121).contains(n)), "{lengths:?}");
}
