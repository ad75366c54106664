//! The catalogue: one derived row per run, kept in the transaction of its documents.
//!
//! Never a source of truth: a row that disagrees with the documents is folded again
//! from them wherever a decision depends on it.

use crate::error::Fault;
use crate::read::{CHUNK, chunk, damaged, head};
use crate::row::{load, parse, store};
use crate::{Error, RunSummary, SqliteLedger};
use dutypoint_model::seal::ChainHead;
use serde::Serialize;
use sqlx::{AssertSqlSafe, SqliteConnection};

/// What a rebuild of the catalogue found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    /// Runs in the journal.
    pub runs: u64,
    /// Runs whose row was absent, different or of no stored run; now mended.
    pub mended: Vec<String>,
    /// Runs that cannot be read, with the reason; their rows are left as they were.
    pub unreadable: Vec<(String, String)>,
}

/// The names of all stored runs, by skipping from one to the next in the index.
const STORED_RUNS: &str = "WITH RECURSIVE name(run) AS (SELECT min(run) FROM document UNION ALL \
     SELECT (SELECT min(run) FROM document WHERE run > name.run) FROM name WHERE name.run IS NOT NULL) \
     SELECT run FROM name WHERE run IS NOT NULL";

impl Rebuilt {
    /// Whether every row already equalled the rebuilt one.
    #[must_use]
    pub fn was_equal(&self) -> bool {
        self.mended.is_empty() && self.unreadable.is_empty()
    }
}

impl SqliteLedger {
    /// All runs, the latest first.
    ///
    /// # Errors
    /// [`Error::Damaged`] naming a row that cannot be read (a rebuild mends it),
    /// [`Error::Read`].
    pub async fn runs(&self) -> Result<Vec<RunSummary>, Error> {
        let mut conn = self.reader.lock().await;
        let rows = sqlx::query("SELECT * FROM run ORDER BY started_ns DESC, run DESC")
            .fetch_all(&mut *conn)
            .await
            .map_err(|e| self.reading(e.into()))?;
        rows.iter().map(parse).collect()
    }

    /// One run as the catalogue lists it.
    ///
    /// # Errors
    /// [`Error::UnknownRun`], [`Error::Damaged`], [`Error::Read`].
    pub async fn run(&self, run: &str) -> Result<RunSummary, Error> {
        let mut conn = self.reader.lock().await;
        load(&mut conn, run)
            .await
            .map_err(|fault| self.reading(fault))?
            .ok_or_else(|| Error::UnknownRun {
                run: run.to_owned(),
            })
    }

    /// Runs without a `Stop`, from the documents themselves: being recorded, or left
    /// open by a crash and waiting for recovery to append `Gap` and `Stop`.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Read`].
    pub async fn open_runs(&self) -> Result<Vec<RunSummary>, Error> {
        let mut conn = self.reader.lock().await;
        open(&mut conn).await.map_err(|fault| self.reading(fault))
    }

    /// Derives every row of the catalogue again from the documents.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], [`Error::Held`]; nothing is changed then.
    pub async fn rebuild_catalogue(&mut self) -> Result<Rebuilt, Error> {
        let mut conn = self.begin().await?;
        let done = rebuild(&mut conn).await;
        self.end(conn, done).await
    }
}

async fn open(conn: &mut SqliteConnection) -> Result<Vec<RunSummary>, Fault> {
    let names: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
        "{STORED_RUNS} AND NOT EXISTS (SELECT 1 FROM document WHERE document.run = name.run AND kind = 'stop')"
    )))
    .fetch_all(&mut *conn)
    .await?;
    let mut open = Vec::with_capacity(names.len());
    for run in names {
        let head = head(conn, &run).await?;
        open.extend(current(conn, &head).await?.map(|(row, _)| row));
    }
    Ok(open)
}

async fn rebuild(conn: &mut SqliteConnection) -> Result<Rebuilt, Fault> {
    let mut rebuilt = Rebuilt {
        runs: 0,
        mended: Vec::new(),
        unreadable: Vec::new(),
    };
    let stored: Vec<String> = sqlx::query_scalar(STORED_RUNS)
        .fetch_all(&mut *conn)
        .await?;
    for run in &stored {
        rebuilt.runs += 1;
        match fold(conn, run).await {
            Ok(Some(row)) => {
                let before = load(conn, run).await;
                if !matches!(&before, Ok(Some(before)) if *before == row) {
                    store(conn, &row).await?;
                    rebuilt.mended.push(run.clone());
                }
            }
            Ok(None) => {}
            Err(Fault::Refused(error)) => rebuilt.unreadable.push((run.clone(), error.to_string())),
            Err(storage) => return Err(storage),
        }
    }
    let listed: Vec<String> =
        sqlx::query_scalar("SELECT run FROM run WHERE NOT EXISTS (SELECT 1 FROM document WHERE document.run = run.run)")
            .fetch_all(&mut *conn)
            .await?;
    for run in listed {
        sqlx::query("DELETE FROM run WHERE run = ?1")
            .bind(&run)
            .execute(&mut *conn)
            .await?;
        rebuilt.mended.push(run);
    }
    Ok(rebuilt)
}

/// Whether a row is in the catalogue as it is, or was derived because none agreed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    AsIs,
    Not,
}

/// The row of a run that stands at `head`: the stored one when it agrees, else folded
/// again from the documents. `None` for a run without documents.
pub(crate) async fn current(
    conn: &mut SqliteConnection,
    head: &ChainHead,
) -> Result<Option<(RunSummary, Listed)>, Fault> {
    match load(conn, &head.run).await {
        Ok(None) if head.next == 0 => Ok(None),
        Ok(Some(row)) if row.chain_head() == *head => Ok(Some((row, Listed::AsIs))),
        Ok(_) | Err(Fault::Refused(_)) => {
            let row = fold(conn, &head.run).await?;
            Ok(row.map(|row| (row, Listed::Not)))
        }
        Err(storage) => Err(storage),
    }
}

/// The row of `run` from its documents.
pub(crate) async fn fold(
    conn: &mut SqliteConnection,
    run: &str,
) -> Result<Option<RunSummary>, Fault> {
    let mut at = ChainHead::new(run);
    let mut row = None;
    loop {
        let documents = chunk(conn, run, at.next, Some(at.digest), CHUNK).await?;
        let Some(last) = documents.last() else {
            return Ok(row);
        };
        at.next = last.seq + 1;
        at.digest = last.digest;
        for sealed in &documents {
            let next = RunSummary::after(row, sealed).map_err(|why| {
                // A number that was read from SQLite fits its integers.
                let seq = i64::try_from(sealed.seq).unwrap_or(i64::MAX);
                damaged(run, seq, "kind", &why)
            })?;
            row = Some(next);
        }
    }
}
