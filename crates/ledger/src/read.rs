//! Reading documents back, each one verified before anybody sees it.
//!
//! Promises: a document returned is the one appended: its number follows, its link
//! joins the document before, its digest covers its canonical bytes. Anything else is
//! [`Error::Damaged`] with run, number and field.

use crate::error::{Fault, Place, explain};
use crate::{Error, SqliteLedger};
use dutypoint_model::seal::ChainHead;
use dutypoint_model::{Digest, Sealed};
use sqlx::SqliteConnection;

/// Documents read at a time where a whole run is walked through.
pub(crate) const CHUNK: u32 = 256;

/// A row of table `document`; the kind as bytes, since damage need not be UTF-8.
pub(crate) type Row = (i64, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>);

/// A walk through the documents of one run, in order, a chunk in memory at a time.
///
/// Sees documents appended while it walks.
#[derive(Debug)]
pub struct Documents<'a> {
    ledger: &'a SqliteLedger,
    head: ChainHead,
}

impl Documents<'_> {
    /// The next documents, at most 256; `None` after the last one stored so far.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Read`].
    pub async fn next_chunk(&mut self) -> Result<Option<Vec<Sealed>>, Error> {
        let ChainHead { run, next, digest } = &self.head;
        let chunk = {
            let mut conn = self.ledger.reader.lock().await;
            chunk(&mut conn, run, *next, Some(*digest), CHUNK).await
        };
        let chunk = chunk.map_err(|fault| self.ledger.reading(fault))?;
        let Some(last) = chunk.last() else {
            return Ok(None);
        };
        self.head.next = last.seq + 1;
        self.head.digest = last.digest;
        Ok(Some(chunk))
    }
}

impl SqliteLedger {
    /// A walk through all documents of `run` from the first.
    #[must_use]
    pub fn documents(&self, run: &str) -> Documents<'_> {
        Documents {
            ledger: self,
            head: ChainHead::new(run),
        }
    }

    /// At most `limit` documents of `run` from number `from` on; none when the run has
    /// not come that far.
    ///
    /// # Errors
    /// [`Error::UnknownRun`], [`Error::Damaged`], [`Error::Read`].
    pub async fn documents_from(
        &self,
        run: &str,
        from: u64,
        limit: u32,
    ) -> Result<Vec<Sealed>, Error> {
        let mut conn = self.reader.lock().await;
        let documents = chunk(&mut conn, run, from, None, limit)
            .await
            .map_err(|fault| self.reading(fault))?;
        if documents.is_empty() && !self.exists(&mut conn, run).await? {
            return Err(Error::UnknownRun {
                run: run.to_owned(),
            });
        }
        Ok(documents)
    }

    /// The growing end of `run`, to append after; number 0 when nothing is stored.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the last document cannot be trusted, [`Error::Read`].
    pub async fn chain_head(&self, run: &str) -> Result<ChainHead, Error> {
        let mut conn = self.reader.lock().await;
        head(&mut conn, run)
            .await
            .map_err(|fault| self.reading(fault))
    }

    async fn exists(&self, conn: &mut SqliteConnection, run: &str) -> Result<bool, Error> {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM document WHERE run = ?1)")
            .bind(run)
            .fetch_one(conn)
            .await
            .map_err(|e| self.reading(e.into()))
    }

    pub(crate) fn reading(&self, fault: Fault) -> Error {
        match fault {
            Fault::Refused(error) => error,
            Fault::Storage(error) => Error::Read {
                path: self.path.clone(),
                cause: explain(&error),
            },
        }
    }
}

/// The verified end of the chain of `run`.
pub(crate) async fn head(conn: &mut SqliteConnection, run: &str) -> Result<ChainHead, Fault> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT seq, CAST(kind AS BLOB), prev, digest, bytes FROM document WHERE run = ?1 ORDER BY seq DESC LIMIT 1",
    )
    .bind(run)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else {
        return Ok(ChainHead::new(run));
    };
    let last = verify(run, place_of(run, &row)?, None, row)?;
    Ok(ChainHead {
        run: last.run,
        next: last.seq + 1,
        digest: last.digest,
    })
}

/// At most `limit` verified documents from number `from` on, after a document of digest
/// `prev`; where that is not known, the document before is looked at.
pub(crate) async fn chunk(
    conn: &mut SqliteConnection,
    run: &str,
    from: u64,
    prev: Option<Digest>,
    limit: u32,
) -> Result<Vec<Sealed>, Fault> {
    // No document can be stored beyond: SQLite's integers end there.
    let Ok(first) = i64::try_from(from) else {
        return Ok(Vec::new());
    };
    let mut prev = match prev {
        None if from == 0 => Some(Digest::ZERO),
        other => other,
    };
    let before = i64::from(prev.is_none());
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT seq, CAST(kind AS BLOB), prev, digest, bytes FROM document WHERE run = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3",
    )
    .bind(run)
    .bind(first - before)
    .bind(i64::from(limit) + before)
    .fetch_all(conn)
    .await?;
    let mut documents = Vec::with_capacity(rows.len());
    for (row, expected) in rows.into_iter().zip(first - before..) {
        if row.0 != expected {
            return Err(damaged(run, expected, "seq", "the document is missing").into());
        }
        if expected < first {
            prev = Some(digest(run, row.0, "digest", &row.3)?);
            continue;
        }
        let sealed = verify(run, place_of(run, &row)?, prev, row)?;
        prev = Some(sealed.digest);
        documents.push(sealed);
    }
    Ok(documents)
}

fn place_of(run: &str, row: &Row) -> Result<u64, Error> {
    u64::try_from(row.0).map_err(|_| damaged(run, row.0, "seq", "the number is negative"))
}

/// Checks one row: link to `prev` where it is known, digest, canonical bytes, columns.
fn verify(run: &str, seq: u64, prev: Option<Digest>, row: Row) -> Result<Sealed, Error> {
    let (stored_seq, kind, link, stored_digest, bytes) = row;
    let link = digest(run, stored_seq, "prev", &link)?;
    let stored_digest = digest(run, stored_seq, "digest", &stored_digest)?;
    let bad = |field, why: &str| damaged(run, stored_seq, field, why);
    if prev.is_some_and(|prev| prev != link) {
        return Err(bad("prev", "it is not the digest of the document before"));
    }
    if Digest::of_parts(&[&link.0, &bytes]) != stored_digest {
        return Err(bad("digest", "it does not cover the bytes stored"));
    }
    let sealed = Sealed::open(link, bytes).map_err(|e| bad("bytes", &e.to_string()))?;
    if sealed.run != run {
        return Err(bad(
            "run",
            &format!("the bytes belong to run {}", sealed.run),
        ));
    }
    if sealed.seq != seq {
        return Err(bad(
            "seq",
            &format!("the bytes carry number {}", sealed.seq),
        ));
    }
    if sealed.doc.kind().as_bytes() != kind {
        return Err(bad(
            "kind",
            &format!("the bytes hold a {}", sealed.doc.kind()),
        ));
    }
    Ok(sealed)
}

fn digest(run: &str, seq: i64, field: &'static str, bytes: &[u8]) -> Result<Digest, Error> {
    <[u8; 32]>::try_from(bytes)
        .map(Digest)
        .map_err(|_| damaged(run, seq, field, "a digest has 32 bytes"))
}

pub(crate) fn damaged(run: &str, seq: i64, field: &'static str, why: &str) -> Error {
    Error::Damaged {
        place: Place::Document {
            run: run.to_owned(),
            seq,
            field,
        },
        why: why.to_owned(),
    }
}
