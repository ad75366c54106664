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
    let (documents, replay) = load_run(ledger, run).await?;
    let refuse = |why: String| Error::NotIssuable {
        run: run.to_owned(),
        why,
    };
    let summary = replay.summary();
    if let Some(d) = &summary.divergence {
        return Err(refuse(format!(
            "document {} field {} is recorded as {} and recomputed as {}",
            d.seq, d.field, d.recorded, d.recomputed
        )));
    }
    let (Some(stop), Some(stop_digest), Some(engine)) =
        (&summary.stop, summary.stop_digest, replay.engine())
    else {
        return Err(refuse("the run has no stop".into()));
    };
    let refusals = record::refusals(&Evidence {
        engine,
        findings: &summary.findings,
        stop,
        stop_digest,
    });
    let checkpoint = ledger
        .checkpoint_for(run)
        .await?
        .ok_or_else(|| refuse("the station has not signed its end".into()))?;
    let checkpoint_digest = Digest::of(&cbor::encode(&checkpoint.body)?);
    let start = start_of(run, &documents)?.clone();

    let existing = summary.certificates.last().cloned();
    let facts = match &existing {
        Some(certificate) => IssueFacts {
            kind: certificate.kind,
            number: certificate.statement.number.clone(),
            issued: certificate.issued.clone(),
            checkpoint: Some(checkpoint_digest),
            software: certificate.statement.software.clone(),
        },
        None => {
            let (kind, series) = match start.origin {
                Origin::Simulated => (IssueKind::Simulated, "SIM"),
                Origin::Imported => (IssueKind::DataEvaluation, "DE"),
                Origin::Bench if refusals.is_empty() => (IssueKind::Formal, "PT"),
                Origin::Bench => {
                    let reasons: Vec<String> = refusals.iter().map(|r| r.en.clone()).collect();
                    return Err(refuse(reasons.join("; ")));
                }
            };
            IssueFacts {
                kind,
                number: format!("{series}-{run}"),
                // A simulated bench's clock may be ahead of the wall's.
                issued: rfc3339(now_ns.max(stop.t_ns)),
                checkpoint: Some(checkpoint_digest),
                software: software.clone(),
            }
        }
    };
    let paper = render_paper(run, engine, summary, &facts)?;
    let mut documents = documents;
    let certificate = match existing {
        Some(certificate) => certificate,
        None => {
            let statement = Statement {
                run: run.to_owned(),
                number: facts.number.clone(),
                data: paper.data,
                pdf: Digest::of(&paper.pdf),
                stop: stop_digest,
                packs: start.packs.clone(),
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
            documents.push(sealed);
            certificate
        }
    };
    let mut entries = Entries::from([
        (bundle::JOURNAL.to_owned(), bundle::journal(&documents)),
        (bundle::PDF.to_owned(), paper.pdf.clone()),
        (bundle::RESULT.to_owned(), paper.result.clone()),
        (bundle::CHECKPOINT.to_owned(), cbor::encode(&checkpoint)?),
        (bundle::STATEMENT.to_owned(), cbor::encode(&certificate)?),
    ]);
    for file in documents.iter().flat_map(|d| files_named(&d.doc)) {
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
