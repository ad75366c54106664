//! What one append of a 100 ms page costs: `cargo run -p dutypoint-ledger --example append_cost [folder]`.
//!
//! Prints the time from call to receipt, and how much the journal grows per page.

use dutypoint_ledger::{OpenMode, SqliteLedger};
use dutypoint_model::Document;
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{Clock, Exchange, Origin, Page, Quality, Software, Start};
use dutypoint_model::seal::ChainHead;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const APPENDS: u16 = 2000;

fn page(t_ns: i64, exchanges: u16) -> Document {
    let exchange = |n: u16| {
        let words: Vec<u16> = (0..10).map(|w| w * 3001 + n).collect();
        let sent = i64::from(n) * 5_000;
        Exchange(
            n,
            sent,
            sent + 3_000,
            Quality::Good,
            Bytes::from_words(&words),
        )
    };
    Document::Page(Page {
        t_ns,
        exchanges: (0..exchanges).map(exchange).collect(),
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            for exchanges in [4, 20] {
                for batch in [1, 10] {
                    measure(&folder, exchanges, batch).await?;
                }
            }
            Ok(())
        })
}

async fn measure(
    folder: &std::path::Path,
    exchanges: u16,
    batch: u16,
) -> Result<(), Box<dyn std::error::Error>> {
    let path = folder.join(format!("append-cost-{}.journal", std::process::id()));
    let mut ledger = SqliteLedger::open(&path, OpenMode::ReadWrite).await?;
    let order = ledger.put_file("order.toml", b"measure").await?;
    let mut head = ChainHead::new("20260105-083000-bench-1");
    let start = head.append(Document::Start(Box::new(Start {
        t_ns: 0,
        station: "bench-1".into(),
        origin: Origin::Simulated,
        operator: "nobody".into(),
        clock: Clock {
            source: "none".into(),
            speed: 1.0,
            error_ms: None,
        },
        software: Software {
            name: "append_cost".into(),
            version: "0".into(),
            build: "0".into(),
            formulas: vec![],
        },
        order,
        bench: None,
        packs: vec![],
        profiles: vec![],
    })))?;
    ledger.append(&[start]).await?;
    let mut times = Vec::new();
    let mut bytes = 0;
    for n in 0..APPENDS {
        let pages = (0..batch)
            .map(|m| head.append(page(i64::from(n * batch + m) * 100_000_000, exchanges)))
            .collect::<Result<Vec<_>, _>>()?;
        bytes = pages.first().map_or(0, |page| page.bytes.len());
        let begun = Instant::now();
        ledger.append(&pages).await?;
        times.push(begun.elapsed());
        // As the station does between pages.
        if n % 100 == 0 {
            ledger.tidy().await?;
        }
    }
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 1000).copied();
    ledger.close().await?;
    let grown = std::fs::metadata(&path)?.len() / u64::from(APPENDS * batch);
    let us = |time: Option<Duration>| time.unwrap_or_default().as_micros();
    println!(
        "{batch:2} page(s) of {bytes:4} bytes an append: median {} us, 99 % {} us, 99.9 % {} us, longest {} us; {grown} bytes of journal a page",
        us(at(500)),
        us(at(990)),
        us(at(999)),
        us(times.last().copied()),
    );
    std::fs::remove_file(&path)?;
    std::fs::remove_file(path.with_extension("journal.lock"))?;
    Ok(())
}
