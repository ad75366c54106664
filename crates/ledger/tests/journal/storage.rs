//! Storage that fails, and writes that are given up half-way.

use crate::bench::{Folder, page, raw, read, record, seal, start, tick, writer};
use dutypoint_ledger::{Error, SqliteLedger};
use dutypoint_model::Sealed;
use dutypoint_model::seal::ChainHead;
use std::fs;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;

async fn begun(ledger: &mut SqliteLedger) -> ChainHead {
    let order = ledger.put_file("order.toml", b"flow = 50").await.unwrap();
    let mut head = ChainHead::new("R1");
    let batch = seal(&mut head, vec![start("bench-1", order)]);
    ledger.append(&batch).await.unwrap();
    head
}

#[tokio::test]
async fn a_full_disk_holds_the_journal_and_room_lets_it_go_on() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let mut head = begun(&mut ledger).await;
    ledger.limit_size(Some(40 * 4096)).await.unwrap();
    let mut stored = read(&ledger, "R1").await;
    let (unstored, error): (Vec<Sealed>, Error) = loop {
        let mut next = head.clone();
        let batch = seal(&mut next, (0..5).map(|n| page(n, 20)).collect());
        match ledger.append(&batch).await {
            Ok(receipt) => assert_eq!(receipt.digest, next.digest),
            Err(error) => break (batch, error),
        }
        head = next;
        stored.extend(batch);
        assert!(stored.len() < 1000, "the limit does not hold");
    };
    let text = error.to_string();
    assert!(matches!(error, Error::Held { .. }), "{text}");
    assert!(text.contains("full; free space"), "{text}");
    assert!(ledger.held().unwrap().contains("full"));
    assert!(stored.len() > 20, "{}", stored.len());

    // Still held, still read, nothing of the refused batch anywhere.
    for _ in 0..3 {
        let again = ledger.append(&unstored).await;
        assert!(matches!(again, Err(Error::Held { .. })), "{again:?}");
        assert_eq!(read(&ledger, "R1").await, stored);
    }
    assert!(ledger.put_file("big", &[0; 100_000]).await.is_err());
    ledger.limit_size(None).await.unwrap();
    ledger.append(&unstored).await.unwrap();
    assert_eq!(ledger.held(), None);
    stored.extend(unstored);
    ledger.close().await.unwrap();
    let ledger = writer(&folder.journal()).await;
    assert_eq!(read(&ledger, "R1").await, stored);
    let report = ledger.fsck(&[]).await.unwrap();
    assert_eq!(
        report.problems.len(),
        1,
        "the open run only: {:?}",
        report.problems
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_journal_deleted_while_it_is_written_gives_no_more_receipts() {
    for name in ["bench.journal", "bench.journal-wal"] {
        let folder = Folder::new();
        let mut ledger = writer(&folder.journal()).await;
        let mut head = begun(&mut ledger).await;
        let file = folder.path().join(name);
        let aside = folder.path().join("aside");
        fs::rename(&file, &aside).unwrap();
        let batch = seal(&mut head, vec![tick(1)]);
        let error = ledger.append(&batch).await.unwrap_err().to_string();
        assert!(error.contains("moved or deleted"), "{name}: {error}");
        assert!(error.contains(name), "{name}: {error}");
        // Nor does a second try, or another file in its place, get a receipt.
        let error = ledger.append(&batch).await.unwrap_err().to_string();
        assert!(error.contains("moved or deleted"), "{name}: {error}");
        fs::write(&file, b"").unwrap();
        let error = ledger.append(&batch).await.unwrap_err().to_string();
        assert!(error.contains("replaced"), "{name}: {error}");
        assert!(ledger.held().is_some());
        // Put back, it goes on with the same batch, which may be stored already.
        fs::rename(&aside, &file).unwrap();
        let receipt = ledger.append(&batch).await.unwrap();
        assert_eq!((receipt.through_seq, ledger.held()), (1, None));
        ledger
            .append(&seal(&mut head, vec![tick(2)]))
            .await
            .unwrap();
        drop(ledger);
        let ledger = writer(&folder.journal()).await;
        assert_eq!(ledger.chain_head("R1").await.unwrap(), head);
        assert_eq!(ledger.fsck(&[]).await.unwrap().problems.len(), 1);
    }
}

#[tokio::test]
async fn a_foreign_lock_holds_the_journal_until_it_is_gone() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let mut head = begun(&mut ledger).await;
    let mut other = raw(&folder.journal()).await;
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    let batch = seal(&mut head, vec![tick(1)]);
    let error = ledger.append(&batch).await.unwrap_err().to_string();
    assert!(
        error.contains("another program holds the database locked"),
        "{error}"
    );
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    ledger.append(&batch).await.unwrap();
}

/// Polls `future` at most `polls` times, then drops it.
async fn give_up<F: Future>(future: F, polls: u32) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test]
async fn an_append_given_up_anywhere_is_there_whole_or_not_at_all() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let mut head = begun(&mut ledger).await;
    let mut given_up = 0;
    for round in 0..80 {
        let polls = 1 + round % 10;
        let mut next = head.clone();
        let batch = seal(&mut next, (0..4).map(tick).collect());
        let done = give_up(ledger.append(&batch), polls).await;
        given_up += u32::from(done.is_none());
        // SQLite may be at work on it still, or done.
        std::thread::sleep(std::time::Duration::from_micros(u64::from(round * 20)));
        // The next write settles it: the same batch is either new or already there.
        let receipt = ledger.append(&batch).await.unwrap();
        assert_eq!(receipt.digest, next.digest, "after {polls} polls");
        head = next;
        assert_eq!(ledger.chain_head("R1").await.unwrap(), head);
    }
    assert!(given_up >= 8, "{given_up}");
    let report = ledger.fsck(&[]).await.unwrap();
    assert_eq!(
        report.problems.len(),
        1,
        "the open run only: {:?}",
        report.problems
    );
}

#[tokio::test]
async fn dropping_without_closing_loses_nothing() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let all = record(&mut ledger, "bench-1", "R1").await;
    drop(ledger);
    let ledger = writer(&folder.journal()).await;
    assert_eq!(read(&ledger, "R1").await, all);
}
