//! A folder, a journal and documents to put into it.

use dutypoint_ledger::Signer;
use dutypoint_ledger::{OpenMode, SqliteLedger, StationKey, sign_checkpoint};
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{
    Act, ActCommand, Certificate, Clock, Exchange, FileRef, Finding, Gap, IssueKind, Origin, Page,
    Quality, Software, Start, Statement, Stop, Tick,
};
use dutypoint_model::seal::ChainHead;
use dutypoint_model::{Digest, Document, Outcome, Sealed, Verdict, cbor};
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of its own, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("dutypoint-ledger-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(fs::canonicalize(path).unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.0.join("bench.journal")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left_behind = fs::remove_dir_all(&self.0);
    }
}

pub(crate) async fn writer(path: &Path) -> SqliteLedger {
    SqliteLedger::open(path, OpenMode::ReadWrite).await.unwrap()
}

/// The database as any other program sees it.
pub(crate) async fn raw(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(false)
        .pragma("ignore_check_constraints", "ON")
        .connect()
        .await
        .unwrap()
}

pub(crate) fn key() -> StationKey {
    StationKey::from_seed(&[7; 32])
}

pub(crate) fn software() -> Software {
    Software {
        name: "dutypoint".into(),
        version: "0.1.0".into(),
        build: "test".into(),
        formulas: vec!["head.v1".into()],
    }
}

pub(crate) fn start(station: &str, order: FileRef) -> Document {
    Document::Start(Box::new(Start {
        t_ns: 1_000,
        station: station.into(),
        origin: Origin::Simulated,
        operator: "李工".into(),
        clock: Clock {
            source: "simulated".into(),
            speed: 10.0,
            error_ms: None,
        },
        software: software(),
        order: order.clone(),
        bench: Some(order.clone()),
        packs: vec![order],
        profiles: vec![],
    }))
}

/// A page of 100 ms: `exchanges` answers of ten registers each.
pub(crate) fn page(t_ns: i64, exchanges: u16) -> Document {
    let exchange = |n: u16| {
        let words: Vec<u16> = (0..10).map(|w| w * 257 + n).collect();
        Exchange(
            n,
            i64::from(n) * 900,
            i64::from(n) * 900 + 700,
            Quality::Good,
            Bytes::from_words(&words),
        )
    };
    Document::Page(Page {
        t_ns,
        exchanges: (0..exchanges).map(exchange).collect(),
    })
}

pub(crate) fn tick(t_ns: i64) -> Document {
    Document::Tick(Tick { t_ns })
}

pub(crate) fn act(t_ns: i64, reason: &str) -> Document {
    Document::Act(Act {
        t_ns,
        who: "li".into(),
        role: "tester".into(),
        command: ActCommand::Begin,
        reason: reason.into(),
        zeros: Vec::new(),
        demand: None,
        entry: None,
    })
}

pub(crate) fn gap(from_ns: i64, to_ns: i64) -> Document {
    Document::Gap(Gap {
        from_ns,
        to_ns,
        poll: None,
        cause: dutypoint_model::Bilingual::new("停电", "power"),
    })
}

pub(crate) fn stop(t_ns: i64, outcome: Outcome, [pages, points, gaps]: [u64; 3]) -> Document {
    Document::Stop(Stop {
        t_ns,
        outcome,
        reason: None,
        pages,
        points,
        gaps,
    })
}

pub(crate) fn finding(verdict: Verdict, decisive: bool) -> Document {
    Document::Finding(Box::new(Finding {
        verdict,
        decisive,
        ..Finding::barred(Outcome::Completed, "gb3216-2016")
    }))
}

pub(crate) fn certificate(run: &str, stop: Digest) -> Document {
    let statement = Statement {
        run: run.into(),
        number: format!("C-{run}"),
        data: Digest::of(b"data"),
        pdf: Digest::of(b"pdf"),
        stop,
        packs: vec![],
        software: software(),
    };
    let signature = key().sign(&cbor::encode(&statement).unwrap()).unwrap();
    Document::Certificate(Box::new(Certificate {
        kind: IssueKind::Simulated,
        issued: "2026-01-05T08:00:00Z".into(),
        statement,
        signature: Bytes(signature.to_vec()),
        key: Bytes(key().public_key().to_vec()),
    }))
}

pub(crate) fn seal(head: &mut ChainHead, documents: Vec<Document>) -> Vec<Sealed> {
    documents
        .into_iter()
        .map(|document| head.append(document).unwrap())
        .collect()
}

/// Records a whole run with its checkpoint and certificate; returns its documents.
pub(crate) async fn record(ledger: &mut SqliteLedger, station: &str, run: &str) -> Vec<Sealed> {
    let order = ledger.put_file("order.toml", b"flow = 50").await.unwrap();
    let mut head = ChainHead::new(run);
    let mut all = Vec::new();
    let body = vec![
        start(station, order),
        act(2_000, "开始"),
        page(3_000, 3),
        tick(90_000_000),
        page(100_000_000, 2),
        gap(100_000_000, 200_000_000),
    ];
    for batch in [body, vec![stop(300_000_000, Outcome::Completed, [2, 0, 1])]] {
        let sealed = seal(&mut head, batch);
        ledger.append(&sealed).await.unwrap();
        all.extend(sealed);
    }
    let stop = all.last().unwrap().clone();
    sign(ledger, station, &stop).await;
    let after = seal(
        &mut head,
        vec![
            finding(Verdict::Pass, true),
            finding(Verdict::Fail, false),
            certificate(run, stop.digest),
        ],
    );
    ledger.append(&after).await.unwrap();
    all.extend(after);
    all
}

pub(crate) async fn sign(ledger: &mut SqliteLedger, station: &str, stop: &Sealed) {
    let body = ledger.next_checkpoint_body(station, stop).await.unwrap();
    let checkpoint = sign_checkpoint(body, &key()).unwrap();
    ledger.append_checkpoint(&checkpoint).await.unwrap();
}

/// All documents of a run.
pub(crate) async fn read(ledger: &SqliteLedger, run: &str) -> Vec<Sealed> {
    let mut all = Vec::new();
    let mut documents = ledger.documents(run);
    while let Some(chunk) = documents.next_chunk().await.unwrap() {
        all.extend(chunk);
    }
    all
}

/// Numbers that look random and are the same every time (Knuth's MMIX generator).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
