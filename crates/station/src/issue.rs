//! Issue: from a finished run in the journal to paper, statement and bundle.

use crate::Error;
use crate::recovery::files_of;
use dutypoint_certificate::bundle::{self, Entries};
use dutypoint_certificate::record::{self, Evidence, IssueFacts, rfc3339};
use dutypoint_certificate::verify::{Paper, render_paper};
use dutypoint_engine::{Replay, files_named};
use dutypoint_ledger::{Signer, SqliteLedger};
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{Certificate, IssueKind, Origin, Software, Start, Statement};
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
    let first = documents.first().ok_or_else(|| no_start(run))?;
    let files = files_of(ledger, &first.doc).await?;
    let mut replay = Replay::new(files);
    for sealed in &documents {
        replay.feed(sealed)?;
    }
    Ok((documents, replay))
}

fn start_of<'a>(run: &str, documents: &'a [Sealed]) -> Result<&'a Start, Error> {
    match documents.first().map(|d| &d.doc) {
        Some(Document::Start(start)) => Ok(start),
        _ => Err(no_start(run)),
    }
}

fn no_start(run: &str) -> Error {
    Error::NotIssuable {
        run: run.to_owned(),
        why: "its first document is no start".into(),
    }
}

/// Renders the certificate `run` has already, from the evidence and to the same bytes;
/// `None` for a run without one. Writes nothing to the journal and needs no key.
///
/// # Errors
/// As [`issue`].
pub async fn reissue(ledger: &SqliteLedger, run: &str) -> Result<Option<Issued>, Error> {
    let case = Case::open(ledger, run).await?;
    match case.replay.summary().certificates.last().cloned() {
        Some(certificate) => case.again(ledger, certificate).await.map(Some),
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
    let mut case = Case::open(ledger, run).await?;
    if let Some(certificate) = case.replay.summary().certificates.last().cloned() {
        return case.again(ledger, certificate).await;
    }
    let proved = case.proved(ledger).await?;
    let (kind, series) = match proved.start.origin {
        Origin::Simulated => (IssueKind::Simulated, "SIM"),
        Origin::Imported => (IssueKind::DataEvaluation, "DE"),
        Origin::Bench if proved.refusals.is_empty() => (IssueKind::Formal, "PT"),
        Origin::Bench => {
            let reasons: Vec<String> = proved.refusals.iter().map(|r| r.en.clone()).collect();
            return Err(case.refuse(reasons.join("; ")));
        }
    };
    let facts = IssueFacts {
        kind,
        number: format!("{series}-{run}"),
        // A simulated bench's clock may be ahead of the wall's.
        issued: rfc3339(now_ns.max(proved.stop_ns)),
        checkpoint: Some(Digest::of(&cbor::encode(&proved.checkpoint.body)?)),
        software: software.clone(),
    };
    let paper = case.render(&facts)?;
    let statement = Statement {
        run: run.to_owned(),
        number: facts.number.clone(),
        data: paper.data,
        pdf: Digest::of(&paper.pdf),
        stop: proved.stop_digest,
        packs: proved.start.packs.clone(),
        software: facts.software.clone(),
    };
    let certificate = Certificate {
        kind: facts.kind,
        issued: facts.issued.clone(),
        signature: Bytes(signer.sign(&cbor::encode(&statement)?)?.to_vec()),
        key: Bytes(signer.public_key().to_vec()),
        statement,
    };
    let mut chain = ledger.chain_head(run).await?;
    let sealed = chain.append(Document::Certificate(Box::new(certificate.clone())))?;
    ledger.append(std::slice::from_ref(&sealed)).await?;
    case.documents.push(sealed);
    case.pack(ledger, proved, certificate, paper).await
}

/// A run with its replay.
struct Case {
    run: String,
    documents: Vec<Sealed>,
    replay: Replay,
}

/// What a run must have before anything is printed of it.
struct Proved {
    start: Start,
    stop_ns: i64,
    stop_digest: Digest,
    checkpoint: Checkpoint,
    refusals: Vec<Bilingual>,
}

impl Case {
    async fn open(ledger: &SqliteLedger, run: &str) -> Result<Self, Error> {
        let (documents, replay) = load_run(ledger, run).await?;
        Ok(Self {
            run: run.to_owned(),
            documents,
            replay,
        })
    }

    fn refuse(&self, why: impl Into<String>) -> Error {
        Error::NotIssuable {
            run: self.run.clone(),
            why: why.into(),
        }
    }

    async fn proved(&self, ledger: &SqliteLedger) -> Result<Proved, Error> {
        let summary = self.replay.summary();
        if let Some(d) = &summary.divergence {
            return Err(self.refuse(format!(
                "document {} field {} is recorded as {} and recomputed as {}",
                d.seq, d.field, d.recorded, d.recomputed
            )));
        }
        let (Some(stop), Some(stop_digest), Some(engine)) =
            (&summary.stop, summary.stop_digest, self.replay.engine())
        else {
            return Err(self.refuse("the run has no stop"));
        };
        let refusals = record::refusals(&Evidence {
            engine,
            findings: &summary.findings,
            stop,
            stop_digest,
        });
        let checkpoint = ledger.checkpoint_for(&self.run).await?;
        Ok(Proved {
            start: start_of(&self.run, &self.documents)?.clone(),
            stop_ns: stop.t_ns,
            stop_digest,
            checkpoint: checkpoint
                .ok_or_else(|| self.refuse("the station has not signed its end"))?,
            refusals,
        })
    }

    fn render(&self, facts: &IssueFacts) -> Result<Paper, Error> {
        let engine = self.replay.engine().ok_or_else(|| no_start(&self.run))?;
        Ok(render_paper(
            &self.run,
            engine,
            self.replay.summary(),
            facts,
        )?)
    }

    /// The recorded issue once more.
    async fn again(self, ledger: &SqliteLedger, certificate: Certificate) -> Result<Issued, Error> {
        let proved = self.proved(ledger).await?;
        let paper = self.render(&IssueFacts {
            kind: certificate.kind,
            number: certificate.statement.number.clone(),
            issued: certificate.issued.clone(),
            checkpoint: Some(Digest::of(&cbor::encode(&proved.checkpoint.body)?)),
            software: certificate.statement.software.clone(),
        })?;
        self.pack(ledger, proved, certificate, paper).await
    }

    async fn pack(
        self,
        ledger: &SqliteLedger,
        proved: Proved,
        certificate: Certificate,
        paper: Paper,
    ) -> Result<Issued, Error> {
        let checkpoint = cbor::encode(&proved.checkpoint)?;
        let mut entries = Entries::from([
            (bundle::JOURNAL.to_owned(), bundle::journal(&self.documents)),
            (bundle::PDF.to_owned(), paper.pdf.clone()),
            (bundle::RESULT.to_owned(), paper.result.clone()),
            (bundle::CHECKPOINT.to_owned(), checkpoint),
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
            refusals: proved.refusals,
        })
    }
}
