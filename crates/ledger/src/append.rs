//! Appending: one batch, one transaction, one receipt.
//!
//! Promises: with a receipt the whole batch is durable; without one nothing of it is
//! stored. Documents that could not be read back, do not continue the chain, break
//! the order of a run or name files that are not stored are refused.

use crate::catalogue::{Listed, current};
use crate::error::Fault;
use crate::read::head;
use crate::{Error, RunSummary, SqliteLedger, row};
use dutypoint_model::document::FileRef;
use dutypoint_model::seal::ChainHead;
use dutypoint_model::{Digest, Document, Sealed};
use sqlx::SqliteConnection;

/// The proof that documents are durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The run.
    pub run: String,
    /// Every document up to this number is durable.
    pub through_seq: u64,
    /// Digest of that document.
    pub digest: Digest,
}

impl SqliteLedger {
    /// Makes `batch`, documents of one run in order, durable. Documents at its beginning
    /// that already are the stored end of the run are not stored twice: whoever got no
    /// receipt sends the same batch again, whatever became of the first attempt.
    ///
    /// # Errors
    /// [`Error::EmptyBatch`], [`Error::Chain`], [`Error::Refused`], [`Error::ReadOnly`];
    /// [`Error::Held`] when storage fails, and the same batch is to be sent again;
    /// [`Error::Damaged`] when the stored end of the run cannot be trusted.
    pub async fn append(&mut self, batch: &[Sealed]) -> Result<Receipt, Error> {
        let receipt = coherent(batch)?;
        let mut conn = self.begin().await?;
        let done = store(&mut conn, batch).await;
        self.end(conn, done).await?;
        Ok(receipt)
    }
}

/// Checks what can be checked without the journal: the documents are readable as they
/// will be stored and continue one another.
fn coherent(batch: &[Sealed]) -> Result<Receipt, Error> {
    let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
        return Err(Error::EmptyBatch);
    };
    let mut at = ChainHead {
        run: first.run.clone(),
        next: first.seq,
        digest: first.prev,
    };
    for sealed in batch {
        let refused = |why: String| Error::Refused {
            run: sealed.run.clone(),
            seq: sealed.seq,
            why,
        };
        if sealed.run.is_empty() || sealed.run.chars().any(char::is_control) {
            return Err(refused(
                "a run needs a name without control characters".into(),
            ));
        }
        let opened = at.follow(sealed.bytes.clone()).map_err(|e| {
            refused(format!(
                "{e}; a batch holds consecutive documents of one run"
            ))
        })?;
        let fields = [
            ("run", opened.run == sealed.run),
            ("seq", opened.seq == sealed.seq),
            ("prev", opened.prev == sealed.prev),
            ("digest", opened.digest == sealed.digest),
            ("doc", opened.doc.kind() == sealed.doc.kind()),
        ];
        if let Some((field, _)) = fields.iter().find(|(_, equal)| !equal) {
            return Err(refused(format!(
                "its {field} is not what its bytes and the document before say; seal it anew"
            )));
        }
    }
    Ok(Receipt {
        run: last.run.clone(),
        through_seq: last.seq,
        digest: last.digest,
    })
}

async fn store(conn: &mut SqliteConnection, batch: &[Sealed]) -> Result<(), Fault> {
    let Some(first) = batch.first() else {
        return Err(Error::EmptyBatch.into());
    };
    let head = head(conn, &first.run).await?;
    let chain = |why: String| Error::Chain {
        run: head.run.clone(),
        next: head.next,
        why,
    };
    // A digest covers all before it, so one equal digest means an equal beginning.
    let stored = batch
        .iter()
        .position(|sealed| sealed.seq + 1 == head.next && sealed.digest == head.digest);
    if stored.is_none() && first.seq != head.next {
        return Err(chain(format!("document {} was sent", first.seq)).into());
    }
    if stored.is_none() && first.prev != head.digest {
        return Err(chain(format!(
            "document {} follows another document than the stored one",
            first.seq
        ))
        .into());
    }
    let fresh = batch.iter().skip(stored.map_or(0, |at| at + 1));
    let (mut summary, mut listed) = match current(conn, &head).await? {
        Some((row, listed)) => (Some(row), listed),
        None => (None, Listed::Not),
    };
    if fresh.len() == 0 {
        // The first attempt may have reached the log without being synced. Storing the row
        // anew makes this commit write, and so sync the log with all that is in it.
        listed = Listed::Not;
    }
    for sealed in fresh {
        let refused = |why: String| Error::Refused {
            run: sealed.run.clone(),
            seq: sealed.seq,
            why,
        };
        let seq = i64::try_from(sealed.seq).map_err(|e| refused(e.to_string()))?;
        let next = RunSummary::after(summary, sealed).map_err(refused)?;
        for file in files(&sealed.doc) {
            let stored: bool =
                sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM file WHERE digest = ?1)")
                    .bind(file.digest.0.as_slice())
                    .fetch_one(&mut *conn)
                    .await?;
            if !stored {
                return Err(refused(format!(
                    "it depends on file {} ({}), which is not in the journal; store the file first",
                    file.name, file.digest
                ))
                .into());
            }
        }
        sqlx::query(
            "INSERT INTO document (run, seq, kind, prev, digest, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .bind(&sealed.run)
        .bind(seq)
        .bind(sealed.doc.kind())
        .bind(sealed.prev.0.as_slice())
        .bind(sealed.digest.0.as_slice())
        .bind(sealed.bytes.as_slice())
        .execute(&mut *conn)
        .await?;
        summary = Some(next);
    }
    match &summary {
        Some(summary) if listed == Listed::AsIs => row::advance(conn, summary).await?,
        Some(summary) => row::store(conn, summary).await?,
        None => {}
    }
    Ok(())
}

/// The files a document cannot be understood without.
pub(crate) fn files(doc: &Document) -> Vec<&FileRef> {
    match doc {
        Document::Start(start) => [&start.order]
            .into_iter()
            .chain(&start.bench)
            .chain(&start.packs)
            .chain(&start.profiles)
            .collect(),
        Document::Import(import) => vec![&import.file],
        _ => Vec::new(),
    }
}
