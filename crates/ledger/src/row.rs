//! A row of the catalogue in SQL and back.

use crate::error::{Fault, Place};
use crate::summary::{ORIGINS, OUTCOMES, VERDICTS, origin_word, outcome_word, verdict_word};
use crate::{Error, RunSummary};
use dutypoint_model::Digest;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

/// The row of `run` as stored.
pub(crate) async fn load(
    conn: &mut SqliteConnection,
    run: &str,
) -> Result<Option<RunSummary>, Fault> {
    let row = sqlx::query("SELECT * FROM run WHERE run = ?1")
        .bind(run)
        .fetch_optional(conn)
        .await?;
    Ok(row.as_ref().map(parse).transpose()?)
}

/// Moves the stored row of a run on. Leaves out what a `Start` fixed for ever: SQLite
/// then leaves the indices alone, which is half of what a commit would write.
pub(crate) async fn advance(
    conn: &mut SqliteConnection,
    row: &RunSummary,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE run SET last_ns = ?2, stop_seq = ?3, outcome = ?4, verdict = ?5, certificate = ?6, documents = ?7, \
         pages = ?8, points = ?9, gaps = ?10, head = ?11 WHERE run = ?1",
    )
    .bind(&row.run)
    .bind(row.last_ns)
    .bind(row.stop_seq.map(count))
    .bind(row.outcome.map(outcome_word))
    .bind(row.verdict.map(verdict_word))
    .bind(&row.certificate)
    .bind(count(row.documents))
    .bind(count(row.pages))
    .bind(count(row.points))
    .bind(count(row.gaps))
    .bind(row.head.0.as_slice())
    .execute(conn)
    .await?;
    Ok(())
}

/// Counts never come near the end of SQLite's integers: documents are numbered in them.
fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Stores a row in place of the one before.
pub(crate) async fn store(
    conn: &mut SqliteConnection,
    row: &RunSummary,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT OR REPLACE INTO run (run, station, origin, operator, order_name, order_digest, started_ns, last_ns, \
         stop_seq, outcome, verdict, certificate, documents, pages, points, gaps, head) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )
    .bind(&row.run)
    .bind(&row.station)
    .bind(origin_word(row.origin))
    .bind(&row.operator)
    .bind(&row.order_name)
    .bind(row.order_digest.0.as_slice())
    .bind(row.started_ns)
    .bind(row.last_ns)
    .bind(row.stop_seq.map(count))
    .bind(row.outcome.map(outcome_word))
    .bind(row.verdict.map(verdict_word))
    .bind(&row.certificate)
    .bind(count(row.documents))
    .bind(count(row.pages))
    .bind(count(row.points))
    .bind(count(row.gaps))
    .bind(row.head.0.as_slice())
    .execute(conn)
    .await?;
    Ok(())
}

/// Parses a stored row.
///
/// # Errors
/// [`Error::Damaged`] with the column that holds no possible value.
pub(crate) fn parse(row: &SqliteRow) -> Result<RunSummary, Error> {
    let run: String = row.try_get("run").map_err(|e| bad("?", "run", &e))?;
    let text = |field| {
        row.try_get::<String, _>(field)
            .map_err(|e| bad(&run, field, &e))
    };
    let word = |field| {
        row.try_get::<Option<String>, _>(field)
            .map_err(|e| bad(&run, field, &e))
    };
    let number = |field| {
        row.try_get::<i64, _>(field)
            .map_err(|e| bad(&run, field, &e))
    };
    let count = |field| u64::try_from(number(field)?).map_err(|e| bad(&run, field, &e));
    let digest = |field| {
        let bytes: Vec<u8> = row.try_get(field).map_err(|e| bad(&run, field, &e))?;
        <[u8; 32]>::try_from(bytes)
            .map(Digest)
            .map_err(|_| bad(&run, field, &"a digest has 32 bytes"))
    };
    let stop_seq: Option<i64> = row
        .try_get("stop_seq")
        .map_err(|e| bad(&run, "stop_seq", &e))?;
    let stop_seq = stop_seq
        .map(u64::try_from)
        .transpose()
        .map_err(|e| bad(&run, "stop_seq", &e))?;
    Ok(RunSummary {
        station: text("station")?,
        origin: known(&ORIGINS, origin_word, text("origin")?)
            .map_err(|e| bad(&run, "origin", &e))?,
        operator: text("operator")?,
        order_name: text("order_name")?,
        order_digest: digest("order_digest")?,
        started_ns: number("started_ns")?,
        last_ns: number("last_ns")?,
        stop_seq,
        outcome: word("outcome")?
            .map(|w| known(&OUTCOMES, outcome_word, w))
            .transpose()
            .map_err(|e| bad(&run, "outcome", &e))?,
        verdict: word("verdict")?
            .map(|w| known(&VERDICTS, verdict_word, w))
            .transpose()
            .map_err(|e| bad(&run, "verdict", &e))?,
        certificate: word("certificate")?,
        documents: count("documents")?,
        pages: count("pages")?,
        points: count("points")?,
        gaps: count("gaps")?,
        head: digest("head")?,
        run: run.clone(),
    })
}

fn known<T: Copy>(all: &[T], word: fn(T) -> &'static str, found: String) -> Result<T, String> {
    all.iter()
        .copied()
        .find(|one| word(*one) == found)
        .ok_or_else(|| format!("unknown word {found:?}"))
}

fn bad(run: &str, field: &'static str, why: &dyn std::fmt::Display) -> Error {
    Error::Damaged {
        place: Place::Catalogue {
            run: run.to_owned(),
            field,
        },
        why: why.to_string(),
    }
}
