//! The chain of every run, row by row, with each altered field told from the others.

use super::{Facts, Nature, Report, certificates};
use crate::RunSummary;
use crate::append::files as files_of;
use crate::error::{Place, explain};
use crate::read::CHUNK;
use dutypoint_model::{Digest, Document, Sealed};
use sqlx::SqliteConnection;
use std::collections::{BTreeMap, BTreeSet};

/// A row of table `document`; texts as bytes, since damage need not be UTF-8.
type Row = (Vec<u8>, i64, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>);

/// Checks every document; returns what each run turned out to say.
pub(super) async fn check(
    conn: &mut SqliteConnection,
    files: &BTreeSet<Digest>,
    report: &mut Report,
) -> BTreeMap<String, Facts> {
    let mut runs = BTreeMap::new();
    let mut walk: Option<Walk> = None;
    let mut held: Option<Row> = None;
    let mut after = (Vec::new(), -1);
    loop {
        // Casts, because a bound text must be UTF-8 and a stored one is not when damaged.
        let rows: Result<Vec<Row>, _> = sqlx::query_as(
            "SELECT CAST(run AS BLOB), seq, CAST(kind AS BLOB), prev, digest, bytes FROM document \
             WHERE (run, seq) > (CAST(?1 AS TEXT), ?2) ORDER BY run, seq LIMIT ?3",
        )
        .bind(after.0.as_slice())
        .bind(after.1)
        .bind(CHUNK)
        .fetch_all(&mut *conn)
        .await;
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => {
                report.journal(
                    "document",
                    format!("reading ends here: {}", explain(&error)),
                );
                break;
            }
        };
        let Some(last) = rows.last() else { break };
        after = (last.0.clone(), last.1);
        for row in rows {
            if let Some(row) = held.replace(row) {
                let next = held.as_ref().filter(|next| next.0 == row.0);
                step(&mut walk, row, next, files, &mut runs, report);
            }
        }
    }
    if let Some(row) = held {
        step(&mut walk, row, None, files, &mut runs, report);
    }
    finish(walk, &mut runs, report);
    runs
}

fn step(
    walk: &mut Option<Walk>,
    row: Row,
    next: Option<&Row>,
    files: &BTreeSet<Digest>,
    runs: &mut BTreeMap<String, Facts>,
    report: &mut Report,
) {
    if walk.as_ref().is_none_or(|walk| walk.key != row.0) {
        finish(walk.take(), runs, report);
    }
    let walk = walk.get_or_insert_with(|| Walk::new(&row.0));
    walk.check(row, next, files, report);
}

fn finish(walk: Option<Walk>, runs: &mut BTreeMap<String, Facts>, report: &mut Report) {
    let Some(mut walk) = walk else { return };
    report.runs += 1;
    if walk.facts.stop.is_none() {
        let place = walk.place(walk.expected, "kind");
        report.add(Nature::Unfinished, place, "the run has no stop yet");
    }
    if !walk.broken {
        walk.facts.summary = walk.summary;
    }
    runs.insert(walk.name, walk.facts);
}

/// The state of the walk through one run.
struct Walk {
    key: Vec<u8>,
    name: String,
    /// Number the next row should have.
    expected: i64,
    /// What the next row's `prev` should be, where it is known.
    link: Option<Digest>,
    summary: Option<RunSummary>,
    broken: bool,
    facts: Facts,
}

impl Walk {
    fn new(key: &[u8]) -> Self {
        Self {
            key: key.to_owned(),
            name: String::from_utf8_lossy(key).into_owned(),
            expected: 0,
            link: Some(Digest::ZERO),
            summary: None,
            broken: false,
            facts: Facts::default(),
        }
    }

    fn place(&self, seq: i64, field: &'static str) -> Place {
        Place::Document {
            run: self.name.clone(),
            seq,
            field,
        }
    }

    fn damaged(
        &mut self,
        report: &mut Report,
        seq: i64,
        field: &'static str,
        what: impl Into<String>,
    ) {
        self.broken = true;
        report.add(Nature::Damaged, self.place(seq, field), what);
    }

    fn check(
        &mut self,
        row: Row,
        next: Option<&Row>,
        files: &BTreeSet<Digest>,
        report: &mut Report,
    ) {
        let (key, seq, kind, prev, digest, bytes) = row;
        report.documents += 1;
        self.facts.documents += 1;
        if std::str::from_utf8(&key).is_err() {
            self.damaged(report, seq, "run", "the name is not UTF-8");
        }
        if seq != self.expected {
            let what = match seq - self.expected {
                1 => format!("document {} is missing", self.expected),
                _ => format!("documents {} to {} are missing", self.expected, seq - 1),
            };
            self.damaged(report, self.expected, "seq", what);
            self.link = None;
        }
        self.expected = seq.saturating_add(1);
        let (Some(prev), Some(digest)) = (parse(&prev), parse(&digest)) else {
            self.damaged(report, seq, "digest", "a digest has 32 bytes");
            self.link = None;
            return;
        };
        let witness = next.and_then(|next| parse(&next.3));
        let sound = self.link_and_digest(seq, prev, digest, &bytes, witness, report);
        match Sealed::open(prev, bytes) {
            Ok(sealed) => self.content(seq, &kind, &sealed, files, report),
            // Altered bytes have been reported; that they no longer decode adds nothing.
            Err(_) if !sound => self.broken = true,
            Err(error) => self.damaged(report, seq, "bytes", error.to_string()),
        }
    }

    /// Checks `prev` and `digest`; where they do not fit, the row before and the link of the
    /// row after (`witness`) tell which field was altered. Returns whether the bytes are
    /// covered by the digest.
    fn link_and_digest(
        &mut self,
        seq: i64,
        prev: Digest,
        digest: Digest,
        bytes: &[u8],
        witness: Option<Digest>,
        report: &mut Report,
    ) -> bool {
        let covers = |link: Digest| Digest::of_parts(&[&link.0, bytes]);
        let link = self.link.unwrap_or(prev);
        self.link = Some(digest);
        let linked = prev == link;
        if !linked {
            let what = "it is not the digest of the document before";
            self.damaged(report, seq, "prev", what);
        }
        if covers(link) == digest || covers(prev) == digest {
            return true;
        }
        if witness == Some(covers(link)) {
            // The document after was linked to what the bytes still give.
            self.link = witness;
            self.damaged(
                report,
                seq,
                "digest",
                "it was altered: bytes and next document agree",
            );
            return true;
        }
        let (field, what) = if witness == Some(digest) && linked {
            ("bytes", "they were altered: digest and next document agree")
        } else {
            (
                "digest",
                "it does not cover the bytes: one of the two was altered",
            )
        };
        self.damaged(report, seq, field, what);
        false
    }

    fn content(
        &mut self,
        seq: i64,
        kind: &[u8],
        sealed: &Sealed,
        files: &BTreeSet<Digest>,
        report: &mut Report,
    ) {
        if sealed.run.as_bytes() != self.key {
            let what = format!("the bytes belong to run {:?}", sealed.run);
            self.damaged(report, seq, "run", what);
        }
        if i64::try_from(sealed.seq) != Ok(seq) {
            let what = format!("the bytes carry number {}", sealed.seq);
            self.damaged(report, seq, "seq", what);
        }
        if sealed.doc.kind().as_bytes() != kind {
            let what = format!("the bytes hold a {}", sealed.doc.kind());
            self.damaged(report, seq, "kind", what);
        }
        match &sealed.doc {
            Document::Start(start) => {
                self.facts
                    .station
                    .get_or_insert_with(|| start.station.clone());
            }
            Document::Stop(stop) => {
                // Where `prev` was altered, the digest of what was read is not the document's.
                let digest = self.link.unwrap_or(sealed.digest);
                self.facts.stop.get_or_insert((sealed.seq, digest));
                if let Some(row) = self.summary.as_ref().filter(|_| !self.broken) {
                    let counts = [
                        ("pages", stop.pages, row.pages),
                        ("points", stop.points, row.points),
                        ("gaps", stop.gaps, row.gaps),
                    ];
                    for (name, said, stored) in counts {
                        if said != stored {
                            let what =
                                format!("the stop counts {said} {name}, {stored} are stored");
                            report.add(Nature::Damaged, self.place(seq, "bytes"), what);
                        }
                    }
                }
            }
            Document::Certificate(certificate) => {
                for what in certificates::breaches(certificate, &sealed.run, self.facts.stop) {
                    report.add(Nature::Damaged, self.place(seq, "bytes"), what);
                }
            }
            _ => {}
        }
        for file in files_of(&sealed.doc) {
            if !files.contains(&file.digest) {
                let what = format!("file {} ({}) is not stored", file.name, file.digest);
                report.add(Nature::Damaged, self.place(seq, "bytes"), what);
            }
        }
        // After damage before, the order of what follows says nothing new.
        if !self.broken {
            match RunSummary::after(self.summary.take(), sealed) {
                Ok(row) => self.summary = Some(row),
                Err(what) => self.damaged(report, seq, "kind", what),
            }
        }
    }
}

fn parse(bytes: &[u8]) -> Option<Digest> {
    <[u8; 32]>::try_from(bytes).ok().map(Digest)
}
