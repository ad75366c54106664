//! The checker: every invariant of `docs/formats/journal-sqlite.md`, each breach with
//! its place.
//!
//! Promises: it changes nothing, reads one consistent state even while a writer goes
//! on, and does not stop at the first breach.

mod certificates;
mod documents;
mod ends;

use crate::error::{Place, explain};
use crate::schema::SCHEMA;
use crate::{Error, RunSummary, SqliteLedger, connect};
use dutypoint_model::Digest;
use serde::Serialize;
use sqlx::{Connection, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What kind of breach a problem is, and so what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// Evidence was altered or lost: restore it from a copy.
    Damaged,
    /// A run without `Stop`, or a `Stop` without checkpoint: being recorded, or waiting
    /// for recovery.
    Unfinished,
    /// The catalogue disagrees with the documents: rebuild it.
    Derived,
}

/// One breach of an invariant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What kind.
    pub nature: Nature,
    /// Where.
    pub place: Place,
    /// What does not fit.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// What the checker saw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Runs looked at.
    pub runs: u64,
    /// Documents looked at.
    pub documents: u64,
    /// Files looked at.
    pub files: u64,
    /// Checkpoints looked at.
    pub checkpoints: u64,
    /// Public keys that signed checkpoints, hexadecimal.
    pub keys: BTreeSet<String>,
    /// Every breach, in the order found.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Whether nothing at all is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// The breaches of one kind.
    pub fn of(&self, nature: Nature) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(move |p| p.nature == nature)
    }

    fn add(&mut self, nature: Nature, place: Place, what: impl Into<String>) {
        self.problems.push(Problem {
            nature,
            place,
            what: what.into(),
        });
    }

    fn journal(&mut self, field: &'static str, what: impl Into<String>) {
        self.add(Nature::Damaged, Place::Journal { field }, what);
    }
}

/// What the documents of one run turned out to say.
#[derive(Debug, Default)]
struct Facts {
    documents: u64,
    /// Absent when damage keeps the row from being derived.
    summary: Option<RunSummary>,
    station: Option<String>,
    stop: Option<(u64, Digest)>,
}

impl SqliteLedger {
    /// Checks every invariant of the journal. With `trusted` public keys, checkpoints
    /// signed by any other key are reported; without, whether a signer is trusted is
    /// not asked.
    ///
    /// # Errors
    /// [`Error::Open`] or [`Error::Read`] when the journal cannot be looked at at all;
    /// whatever is wrong inside it is in the report.
    pub async fn fsck(&self, trusted: &[[u8; 32]]) -> Result<Report, Error> {
        let mut conn = connect::reader(&self.path, self.mode).await?;
        sqlx::raw_sql("BEGIN")
            .execute(&mut conn)
            .await
            .map_err(|e| self.reading(e.into()))?;
        let mut report = Report::default();
        database(&mut conn, &mut report).await;
        let files = ends::files(&mut conn, &mut report).await;
        let runs = documents::check(&mut conn, &files, &mut report).await;
        ends::checkpoints(&mut conn, &runs, trusted, &mut report).await;
        ends::catalogue(&mut conn, &runs, &mut report).await;
        // Nothing was written: how the snapshot ends changes nothing.
        let _void = conn.close().await;
        Ok(report)
    }
}

/// What SQLite itself can say, and whether the schema is the specified one.
async fn database(conn: &mut SqliteConnection, report: &mut Report) {
    let integrity: Result<Vec<String>, _> = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_all(&mut *conn)
        .await;
    match integrity {
        Ok(lines) => lines
            .into_iter()
            .filter(|line| line != "ok")
            .for_each(|line| report.journal("integrity", line)),
        Err(error) => report.journal("integrity", explain(&error)),
    }
    let schema: Result<Vec<(String, Option<String>)>, _> = sqlx::query_as(
        "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .fetch_all(&mut *conn)
    .await;
    let found: BTreeMap<String, Option<String>> = match schema {
        Ok(rows) => rows.into_iter().collect(),
        Err(error) => return report.journal("schema", explain(&error)),
    };
    for (name, sql) in SCHEMA {
        match found.get(name) {
            None => report.journal("schema", format!("{name} is missing")),
            Some(text) if text.as_deref() != Some(sql) => {
                report.journal("schema", format!("{name} is not as specified"));
            }
            Some(_) => {}
        }
    }
    for name in found.keys() {
        if !SCHEMA.iter().any(|(known, _)| known == name) {
            report.journal("schema", format!("{name} does not belong to a journal"));
        }
    }
}
