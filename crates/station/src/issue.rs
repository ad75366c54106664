//! Issue: from a finished run in the journal to paper, statement and bundle.

use crate::Error;
use crate::recovery::files_of;
use dutypoint_certificate::bundle::{self, Entries};
use dutypoint_certificate::record::{self, Evidence, IssueFacts, rfc3339};
use dutypoint_certificate::verify::{Paper, render_paper};
use dutypoint_engine::{Replay, files_named};
use dutypoint_ledger::{Signer, SqliteLedger};
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{Certificate, IssueKind, Origin, Software, Statement};
use dutypoint_model::seal::Checkpoint;
use dutypoint_model::{Bilingual, Digest, Document, Sealed, cbor};

/// A certificate that was issued, and everything that proves it.
#[derive(Clone, Debug, PartialEq)]
pub struct Issued {
    /// The issue as recorded.
    pub certificate: Certificate,
    /// The paper.
    pub paper: Paper,
    /// The bundle.
    pub bundle: Vec<u8>,
    /// What stands against a formal certificate; empty for a formal one.
    pub refusals: Vec<Bilingual>,
}

/// The documents of a run and their replay.
///
/// # Errors
/// [`Error::Ledger`], [`Error::Engine`].
pub async fn load_run(ledger: &SqliteLedger, run: &str) -> Result<(Vec<Sealed>, Replay), Error> {
    let mut documents = Vec::new();
    let mut rows = ledger.documents(run);
    while let Some(chunk) = rows.next_chunk().await? {
        documents.extend(chunk);
    }
    let first = documents
        .first()
        .ok_or_else(|| refused(run, "its first document is no start"))?;
    let files = files_of(ledger, &first.doc).await?;
    let mut replay = Replay::new(files);
    for sealed in &documents {
        replay.feed(sealed)?;
    }
    Ok((documents, replay))
}

/// A run that has ended and whose results were all computed again.
struct Finished {
    documents: Vec<Sealed>,
    replay: Replay,
    checkpoint: Checkpoint,
}

impl Finished {
    async fn new(
        ledger: &SqliteLedger,
        run: &str,
        (documents, replay): (Vec<Sealed>, Replay),
    ) -> Result<Self, Error> {
        if let Some(d) = replay.divergence() {
            return Err(refused(
                run,
                format!(
                    "document {} field {} is recorded as {} and recomputed as {}",
                    d.seq, d.field, d.recorded, d.recomputed
                ),
            ));
        }
        let checkpoint = ledger
            .checkpoint_for(run)
            .await?
            .ok_or_else(|| refused(run, "the station has not signed its end"))?;
        Ok(Self {
            documents,
            replay,
            checkpoint,
        })
    }

    fn evidence(&self, run: &str) -> Result<Evidence<'_>, Error> {
        let summary = self.replay.summary();
        match (&summary.stop, summary.stop_digest, self.replay.engine()) {
            (Some(stop), Some(stop_digest), Some(engine)) => Ok(Evidence {
                engine,
                findings: &summary.findings,
                stop,
                stop_digest,
            }),
            _ => Err(refused(run, "the run has no stop")),
        }
    }

    fn checkpoint_digest(&self) -> Result<Digest, Error> {
        Ok(Digest::of(&cbor::encode(&self.checkpoint.body)?))
    }

    /// Renders what `facts` decide.
    fn paper(&self, run: &str, facts: &IssueFacts) -> Result<Paper, Error> {
        let engine = self.evidence(run)?.engine;
        Ok(render_paper(run, engine, self.replay.summary(), facts)?)
    }

    /// The last issue on record, rendered again to the same bytes.
    fn recorded(&self, run: &str) -> Result<Option<(Certificate, Paper)>, Error> {
        let Some(certificate) = self.replay.summary().certificates.last() else {
            return Ok(None);
        };
        let facts = IssueFacts {
            kind: certificate.kind,
            number: certificate.statement.number.clone(),
            issued: certificate.issued.clone(),
            checkpoint: Some(self.checkpoint_digest()?),
            software: certificate.statement.software.clone(),
        };
        let paper = self.paper(run, &facts)?;
        let statement = &certificate.statement;
        if (paper.data, Digest::of(&paper.pdf)) != (statement.data, statement.pdf) {
            return Err(refused(
                run,
                format!(
                    "this program renders {} differently from what was issued; use {}, which issued it",
                    statement.number,
                    statement.software.text()
                ),
            ));
        }
        Ok(Some((certificate.clone(), paper)))
    }

    /// Packs the evidence of an issue.
    async fn pack(
        self,
        ledger: &SqliteLedger,
        run: &str,
        certificate: Certificate,
        paper: Paper,
    ) -> Result<Issued, Error> {
        let refusals = record::refusals(&self.evidence(run)?);
        let mut entries = Entries::from([
            (bundle::JOURNAL.to_owned(), bundle::journal(&self.documents)),
            (bundle::PDF.to_owned(), paper.pdf.clone()),
            (bundle::RESULT.to_owned(), paper.result.clone()),
            (
                bundle::CHECKPOINT.to_owned(),
                cbor::encode(&self.checkpoint)?,
            ),
            (bundle::STATEMENT.to_owned(), cbor::encode(&certificate)?),
        ]);
        for file in self.documents.iter().flat_map(|d| files_named(&d.doc)) {
            let stored = ledger.file(&file.digest).await?;
            entries.insert(format!("{}{}", bundle::FILES, file.digest), stored.bytes);
        }
        Ok(Issued {
            certificate,
            paper,
            bundle: bundle::pack(entries)?,
            refusals,
        })
    }
}

/// The last issue of `run` on record, rendered again from the evidence to the same
/// bytes; none where nothing was issued. Needs no key and writes nothing.
///
/// # Errors
/// As [`issue`]; [`Error::NotIssuable`] also where this program renders other bytes.
pub async fn reissue(ledger: &SqliteLedger, run: &str) -> Result<Option<Issued>, Error> {
    let loaded = load_run(ledger, run).await?;
    if loaded.1.summary().certificates.is_empty() {
        return Ok(None);
    }
    let finished = Finished::new(ledger, run, loaded).await?;
    match finished.recorded(run)? {
        Some((certificate, paper)) => finished
            .pack(ledger, run, certificate, paper)
            .await
            .map(Some),
        None => Ok(None),
    }
}

/// Issues the certificate of `run`. A run that has one already is not issued again: the
/// recorded issue is rendered from the evidence, to the same bytes.
///
/// # Errors
/// [`Error::NotIssuable`] for a run without a stop, or whose replay differs from the
/// record; [`Error::Ledger`], [`Error::Certificate`].
pub async fn issue(
    ledger: &mut SqliteLedger,
    signer: &impl Signer,
    run: &str,
    now_ns: i64,
    software: &Software,
) -> Result<Issued, Error> {
    let mut finished = Finished::new(ledger, run, load_run(ledger, run).await?).await?;
    if let Some((certificate, paper)) = finished.recorded(run)? {
        return finished.pack(ledger, run, certificate, paper).await;
    }
    let evidence = finished.evidence(run)?;
    let (stop, start) = (evidence.stop, &evidence.engine.setup().start);
    let refusals = record::refusals(&evidence);
    let (kind, series) = match start.origin {
        Origin::Simulated => (IssueKind::Simulated, "SIM"),
        Origin::Imported => (IssueKind::DataEvaluation, "DE"),
        Origin::Bench if refusals.is_empty() => (IssueKind::Formal, "PT"),
        Origin::Bench => {
            let reasons: Vec<String> = refusals.iter().map(|r| r.en.clone()).collect();
            return Err(refused(run, reasons.join("; ")));
        }
    };
    let facts = IssueFacts {
        kind,
        number: format!("{series}-{run}"),
        // A simulated bench's clock may be ahead of the wall's.
        issued: rfc3339(now_ns.max(stop.t_ns)),
        checkpoint: Some(finished.checkpoint_digest()?),
        software: software.clone(),
    };
    let paper = finished.paper(run, &facts)?;
    let statement = Statement {
        run: run.to_owned(),
        number: facts.number,
        data: paper.data,
        pdf: Digest::of(&paper.pdf),
        stop: evidence.stop_digest,
        packs: start.packs.clone(),
        software: facts.software,
    };
    let certificate = Certificate {
        kind,
        issued: facts.issued,
        signature: Bytes(signer.sign(&cbor::encode(&statement)?)?.to_vec()),
        key: Bytes(signer.public_key().to_vec()),
        statement,
    };
    let mut chain = ledger.chain_head(run).await?;
    let sealed = chain.append(Document::Certificate(Box::new(certificate.clone())))?;
    ledger.append(std::slice::from_ref(&sealed)).await?;
    finished.documents.push(sealed);
    finished.pack(ledger, run, certificate, paper).await
}

fn refused(run: &str, why: impl Into<String>) -> Error {
    Error::NotIssuable {
        run: run.to_owned(),
        why: why.into(),
    }
}
