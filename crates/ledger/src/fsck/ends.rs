//! What stands around the documents: files, checkpoints, the catalogue.

use super::{Facts, Nature, Report};
use crate::error::{Place, explain};
use crate::{Error, row, station};
use dutypoint_model::digest::hex;
use dutypoint_model::seal::Checkpoint;
use dutypoint_model::{Digest, cbor};
use sqlx::SqliteConnection;
use std::collections::{BTreeMap, BTreeSet};

/// A row of table `checkpoint`: station, number, run, number of the stop, bytes; texts as
/// bytes, since damage need not be UTF-8.
type Row = (Vec<u8>, i64, Vec<u8>, i64, Vec<u8>);

/// Checks that files have the digest they are filed under; returns the digests stored.
pub(super) async fn files(conn: &mut SqliteConnection, report: &mut Report) -> BTreeSet<Digest> {
    let mut stored = BTreeSet::new();
    let mut after = Vec::new();
    loop {
        // One at a time: a file may be large.
        let file: Result<Option<(Vec<u8>, Vec<u8>)>, _> = sqlx::query_as(
            "SELECT digest, bytes FROM file WHERE digest > ?1 ORDER BY digest LIMIT 1",
        )
        .bind(after.as_slice())
        .fetch_optional(&mut *conn)
        .await;
        let (name, bytes) = match file {
            Ok(Some(file)) => file,
            Ok(None) => return stored,
            Err(error) => {
                report.journal("file", format!("reading ends here: {}", explain(&error)));
                return stored;
            }
        };
        report.files += 1;
        let digest = Digest::of(&bytes);
        if digest.0 == *name {
            stored.insert(digest);
        } else {
            let place = Place::File {
                digest: hex(&name),
                field: "bytes",
            };
            let what = format!("their digest is {digest}: one of the two was altered");
            report.add(Nature::Damaged, place, what);
        }
        after = name;
    }
}

/// Checks the chain of every station, and that every stop has its checkpoint.
pub(super) async fn checkpoints(
    conn: &mut SqliteConnection,
    runs: &BTreeMap<String, Facts>,
    trusted: &[[u8; 32]],
    report: &mut Report,
) {
    let rows: Result<Vec<Row>, _> = sqlx::query_as(
        "SELECT CAST(station AS BLOB), idx, CAST(run AS BLOB), stop_seq, bytes FROM checkpoint ORDER BY station, idx",
    )
    .fetch_all(conn)
    .await;
    let rows = rows.unwrap_or_else(|error| {
        report.journal("checkpoint", explain(&error));
        Vec::new()
    });
    let mut signed = BTreeSet::new();
    let mut at: Option<(String, i64, Option<Digest>)> = None;
    for (name, idx, run, stop_seq, bytes) in rows {
        report.checkpoints += 1;
        let name = String::from_utf8_lossy(&name).into_owned();
        let (expected, prev) = match at.take() {
            Some((station, expected, prev)) if station == name => (expected, prev),
            _ => (0, Some(Digest::ZERO)),
        };
        let mut bad = |field, what: String| {
            let place = Place::Checkpoint {
                station: name.clone(),
                index: idx,
                field,
            };
            report.add(Nature::Damaged, place, what);
        };
        if idx != expected {
            bad("idx", format!("checkpoint {expected} is expected here"));
        }
        let Checkpoint { body, key, .. } = match station::open(&name, idx, &bytes) {
            Ok(checkpoint) => checkpoint,
            Err(error) => {
                damage(report, error);
                at = Some((name, idx.saturating_add(1), None));
                continue;
            }
        };
        if idx == expected && prev.is_some_and(|prev| prev != body.prev) {
            bad(
                "prev",
                "it is not the digest of the checkpoint before".into(),
            );
        }
        if body.run.as_bytes() != run {
            bad("run", format!("the bytes name run {:?}", body.run));
        }
        if i64::try_from(body.stop_seq) != Ok(stop_seq) {
            let what = format!("the bytes name document {}", body.stop_seq);
            bad("stop_seq", what);
        }
        match runs.get(&body.run) {
            Some(facts) if facts.stop != Some((body.stop_seq, body.stop)) => bad(
                "stop",
                format!("run {} does not end with the stop it signs", body.run),
            ),
            Some(facts) if facts.station.as_deref() != Some(name.as_str()) => bad(
                "station",
                format!("run {} was recorded by another station", body.run),
            ),
            Some(_) => {}
            None => bad("run", format!("run {} is not stored", body.run)),
        }
        if !trusted.is_empty() && !trusted.iter().any(|known| known[..] == key.0) {
            bad("key", format!("key {} is not trusted", hex(&key.0)));
        }
        report.keys.insert(hex(&key.0));
        signed.insert(body.run.clone());
        let digest = cbor::encode(&body).ok().map(|bytes| Digest::of(&bytes));
        at = Some((name, idx.saturating_add(1), digest));
    }
    for (run, facts) in runs {
        if let Some((seq, _)) = facts.stop.filter(|_| !signed.contains(run)) {
            let place = Place::Document {
                run: run.clone(),
                // A number read from SQLite fits its integers.
                seq: i64::try_from(seq).unwrap_or(i64::MAX),
                field: "kind",
            };
            let what = "the stop has no checkpoint that can be trusted yet";
            report.add(Nature::Unfinished, place, what);
        }
    }
}

/// Checks that the catalogue equals the one the documents give.
pub(super) async fn catalogue(
    conn: &mut SqliteConnection,
    runs: &BTreeMap<String, Facts>,
    report: &mut Report,
) {
    let rows = match sqlx::query("SELECT * FROM run ORDER BY run")
        .fetch_all(conn)
        .await
    {
        Ok(rows) => rows,
        Err(error) => return report.journal("run", explain(&error)),
    };
    let mut listed = BTreeSet::new();
    for row in &rows {
        let stored = match row::parse(row) {
            Ok(stored) => stored,
            Err(Error::Damaged { place, why }) => {
                if let Place::Catalogue { run, .. } = &place {
                    listed.insert(run.clone());
                }
                report.add(Nature::Derived, place, why);
                continue;
            }
            Err(error) => {
                report.journal("run", error.to_string());
                continue;
            }
        };
        listed.insert(stored.run.clone());
        let place = |field| Place::Catalogue {
            run: stored.run.clone(),
            field,
        };
        let documents = runs.get(&stored.run).map_or(0, |facts| facts.documents);
        if stored.documents > documents {
            // The chain alone cannot show that its end is gone; this row saw it.
            let what = format!(
                "it has seen {} documents, {documents} are stored: the end of the run is gone",
                stored.documents
            );
            report.add(Nature::Damaged, place("documents"), what);
            continue;
        }
        let rebuilt = runs
            .get(&stored.run)
            .and_then(|facts| facts.summary.as_ref());
        for field in rebuilt.map_or_else(Vec::new, |rebuilt| rebuilt.differences(&stored)) {
            let what = "it is not what the documents say";
            report.add(Nature::Derived, place(field), what);
        }
    }
    for run in runs.keys().filter(|run| !listed.contains(*run)) {
        let place = Place::Catalogue {
            run: run.clone(),
            field: "run",
        };
        report.add(Nature::Derived, place, "the run is not listed");
    }
}

fn damage(report: &mut Report, error: Error) {
    match error {
        Error::Damaged { place, why } => report.add(Nature::Damaged, place, why),
        other => report.journal("checkpoint", other.to_string()),
    }
}
