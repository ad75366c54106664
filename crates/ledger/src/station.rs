//! The station's chain of signed checkpoints, one at each `Stop`.
//!
//! Promises: a checkpoint is stored only if it continues the chain, is signed, and
//! names a `Stop` that is stored. Whoever holds a copy of the last one can tell any
//! change to any run that ended before it.

use crate::error::{Fault, Place};
use crate::key::{Signer, verify};
use crate::{Error, SqliteLedger, read};
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::FORMAT_VERSION;
use dutypoint_model::seal::{Checkpoint, CheckpointBody};
use dutypoint_model::{Digest, Document, Sealed, cbor};
use sqlx::SqliteConnection;

/// Signs `body`.
///
/// # Errors
/// [`Error::Signature`] when the signer does not sign or its signature does not verify.
pub fn sign_checkpoint(
    body: CheckpointBody,
    signer: &(impl Signer + ?Sized),
) -> Result<Checkpoint, Error> {
    let message = cbor::encode(&body)?;
    let signature = signer.sign(&message)?;
    let key = signer.public_key();
    // A token that signs wrongly must not be found out years later.
    verify(&key, &message, &signature)?;
    Ok(Checkpoint {
        body,
        signature: Bytes(signature.to_vec()),
        key: Bytes(key.to_vec()),
    })
}

/// Verifies the signature of a checkpoint strictly, by the key it carries. Whether that
/// key is trusted is for the caller to say.
///
/// # Errors
/// [`Error::Signature`].
pub fn verify_checkpoint(checkpoint: &Checkpoint) -> Result<(), Error> {
    let message = cbor::encode(&checkpoint.body)?;
    verify(&checkpoint.key.0, &message, &checkpoint.signature.0)
}

impl SqliteLedger {
    /// What `station` has to sign for `stop`, which must be stored before the signed
    /// checkpoint is.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when `stop` is no `Stop`; [`Error::Damaged`],
    /// [`Error::Read`].
    pub async fn next_checkpoint_body(
        &self,
        station: &str,
        stop: &Sealed,
    ) -> Result<CheckpointBody, Error> {
        let mut conn = self.reader.lock().await;
        let (index, prev) = end(&mut conn, station)
            .await
            .map_err(|fault| self.reading(fault))?;
        if !matches!(stop.doc, Document::Stop(_)) {
            return Err(Error::Checkpoint {
                station: station.to_owned(),
                index,
                why: format!(
                    "document {} of run {} is no stop but a {}",
                    stop.seq,
                    stop.run,
                    stop.doc.kind()
                ),
            });
        }
        Ok(CheckpointBody {
            v: FORMAT_VERSION,
            station: station.to_owned(),
            index,
            prev,
            run: stop.run.clone(),
            stop_seq: stop.seq,
            stop: stop.digest,
        })
    }

    /// Makes a signed checkpoint durable.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when it does not continue the chain or names no stored
    /// `Stop`, [`Error::Signature`], [`Error::ReadOnly`], [`Error::Held`].
    pub async fn append_checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        verify_checkpoint(checkpoint)?;
        let bytes = cbor::encode(checkpoint)?;
        let mut conn = self.begin().await?;
        let done = store(&mut conn, &checkpoint.body, &bytes).await;
        self.end(conn, done).await
    }

    /// All checkpoints of `station` in order, chain and signatures verified.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Read`].
    pub async fn checkpoints(&self, station: &str) -> Result<Vec<Checkpoint>, Error> {
        let mut conn = self.reader.lock().await;
        let rows: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT idx, bytes FROM checkpoint WHERE station = ?1 ORDER BY idx")
                .bind(station)
                .fetch_all(&mut *conn)
                .await
                .map_err(|e| self.reading(e.into()))?;
        let mut prev = Digest::ZERO;
        let mut checkpoints = Vec::with_capacity(rows.len());
        for ((idx, bytes), expected) in rows.into_iter().zip(0..) {
            if idx != expected {
                return Err(damaged(
                    station,
                    expected,
                    "idx",
                    "the checkpoint is missing",
                ));
            }
            let checkpoint = open(station, idx, &bytes)?;
            if checkpoint.body.prev != prev {
                let why = "it is not the digest of the checkpoint before";
                return Err(damaged(station, idx, "prev", why));
            }
            prev = Digest::of(&cbor::encode(&checkpoint.body)?);
            checkpoints.push(checkpoint);
        }
        Ok(checkpoints)
    }

    /// The public key that signed the latest checkpoint of any station; `None` while
    /// there is none.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Read`].
    pub async fn latest_signer(&self) -> Result<Option<[u8; 32]>, Error> {
        let mut conn = self.reader.lock().await;
        let row: Option<(String, i64, Vec<u8>)> = sqlx::query_as(
            "SELECT station, idx, bytes FROM checkpoint ORDER BY rowid DESC LIMIT 1",
        )
        .fetch_optional(&mut *conn)
        .await
        .map_err(|e| self.reading(e.into()))?;
        let Some((station, idx, bytes)) = row else {
            return Ok(None);
        };
        // A key that is no key does not verify, so `open` has refused it already.
        let key = open(&station, idx, &bytes)?.key;
        Ok(key.0.try_into().ok())
    }

    /// Whether nothing has been recorded yet: no document and no checkpoint.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub async fn is_blank(&self) -> Result<bool, Error> {
        let mut conn = self.reader.lock().await;
        let used: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM document) OR EXISTS (SELECT 1 FROM checkpoint)",
        )
        .fetch_one(&mut *conn)
        .await
        .map_err(|e| self.reading(e.into()))?;
        Ok(!used)
    }

    /// The checkpoint at the end of `run`, signature verified; `None` while there is none.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Read`].
    pub async fn checkpoint_for(&self, run: &str) -> Result<Option<Checkpoint>, Error> {
        let mut conn = self.reader.lock().await;
        let row: Option<(String, i64, Vec<u8>)> =
            sqlx::query_as("SELECT station, idx, bytes FROM checkpoint WHERE run = ?1")
                .bind(run)
                .fetch_optional(&mut *conn)
                .await
                .map_err(|e| self.reading(e.into()))?;
        let Some((station, idx, bytes)) = row else {
            return Ok(None);
        };
        let checkpoint = open(&station, idx, &bytes)?;
        if checkpoint.body.run != run {
            return Err(damaged(&station, idx, "run", "the bytes name another run"));
        }
        Ok(Some(checkpoint))
    }

    /// `Stop` documents without a checkpoint, by name of the run: what recovery has to
    /// sign when the process died between the two.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Read`].
    pub async fn unsigned_stops(&self) -> Result<Vec<Sealed>, Error> {
        let mut conn = self.reader.lock().await;
        let stops: Vec<(String, i64)> = sqlx::query_as(
            "SELECT run, seq FROM document WHERE kind = 'stop' \
             AND NOT EXISTS (SELECT 1 FROM checkpoint WHERE checkpoint.run = document.run) ORDER BY run",
        )
        .fetch_all(&mut *conn)
        .await
        .map_err(|e| self.reading(e.into()))?;
        let mut sealed = Vec::with_capacity(stops.len());
        for (run, seq) in stops {
            let from =
                u64::try_from(seq).map_err(|e| read::damaged(&run, seq, "seq", &e.to_string()))?;
            let stop = read::chunk(&mut conn, &run, from, None, 1)
                .await
                .map_err(|fault| self.reading(fault))?;
            sealed.extend(stop);
        }
        Ok(sealed)
    }
}

/// Number and `prev` of the next checkpoint of `station`.
async fn end(conn: &mut SqliteConnection, station: &str) -> Result<(u64, Digest), Fault> {
    let last: Option<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT idx, bytes FROM checkpoint WHERE station = ?1 ORDER BY idx DESC LIMIT 1",
    )
    .bind(station)
    .fetch_optional(conn)
    .await?;
    let Some((idx, bytes)) = last else {
        return Ok((0, Digest::ZERO));
    };
    let body = open(station, idx, &bytes)?.body;
    Ok((body.index + 1, Digest::of(&cbor::encode(&body)?)))
}

async fn store(
    conn: &mut SqliteConnection,
    body: &CheckpointBody,
    bytes: &[u8],
) -> Result<(), Fault> {
    let refused = |why: String| Error::Checkpoint {
        station: body.station.clone(),
        index: body.index,
        why,
    };
    if body.v != FORMAT_VERSION {
        return Err(refused(format!("it has format version {}", body.v)).into());
    }
    let (index, prev) = end(conn, &body.station).await?;
    if body.index != index {
        return Err(refused(format!("number {index} is next")).into());
    }
    if body.prev != prev {
        return Err(refused("it follows another checkpoint than the stored one".into()).into());
    }
    let taken: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM checkpoint WHERE run = ?1)")
        .bind(&body.run)
        .fetch_one(&mut *conn)
        .await?;
    if taken {
        return Err(refused(format!("run {} has one already", body.run)).into());
    }
    let absent = || {
        refused(format!(
            "document {} of run {} is not a stored stop with the digest it names; append the stop first",
            body.stop_seq, body.run
        ))
    };
    let stop = read::chunk(conn, &body.run, body.stop_seq, None, 1).await?;
    match stop.first() {
        Some(stop) if matches!(stop.doc, Document::Stop(_)) && stop.digest == body.stop => {}
        _ => return Err(absent().into()),
    }
    let start = read::chunk(conn, &body.run, 0, None, 1).await?;
    match start.first().map(|start| &start.doc) {
        Some(Document::Start(start)) if start.station == body.station => {}
        _ => {
            let why = format!("run {} was recorded by another station", body.run);
            return Err(refused(why).into());
        }
    }
    let number = |n: u64| i64::try_from(n).map_err(|e| refused(e.to_string()));
    sqlx::query(
        "INSERT INTO checkpoint (station, idx, run, stop_seq, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(&body.station)
    .bind(number(body.index)?)
    .bind(&body.run)
    .bind(number(body.stop_seq)?)
    .bind(bytes)
    .execute(conn)
    .await?;
    Ok(())
}

/// Opens a stored checkpoint: canonical bytes, the columns it is filed under, signature.
pub(crate) fn open(station: &str, idx: i64, bytes: &[u8]) -> Result<Checkpoint, Error> {
    let checkpoint: Checkpoint =
        cbor::decode(bytes).map_err(|e| damaged(station, idx, "bytes", &e.to_string()))?;
    if checkpoint.body.station != station {
        let why = format!("the bytes name station {}", checkpoint.body.station);
        return Err(damaged(station, idx, "station", &why));
    }
    if i64::try_from(checkpoint.body.index) != Ok(idx) {
        let why = format!("the bytes carry number {}", checkpoint.body.index);
        return Err(damaged(station, idx, "idx", &why));
    }
    verify_checkpoint(&checkpoint)
        .map_err(|e| damaged(station, idx, "signature", &e.to_string()))?;
    Ok(checkpoint)
}

fn damaged(station: &str, index: i64, field: &'static str, why: &str) -> Error {
    Error::Damaged {
        place: Place::Checkpoint {
            station: station.to_owned(),
            index,
            field,
        },
        why: why.to_owned(),
    }
}
