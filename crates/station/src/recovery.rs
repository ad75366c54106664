//! Recovery: what a recorder that died has left open is closed before anything else.

use crate::Error;
use crate::recorder::sign_stops;
use dutypoint_engine::{Files, Replay, files_named};
use dutypoint_ledger::{Signer, SqliteLedger};
use dutypoint_model::Document;
use dutypoint_model::document::{Act, ActCommand};

/// A run that recovery has closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Id of the run.
    pub run: String,
    /// Documents that were durable when the recorder died.
    pub documents: u64,
}

/// Closes every open run of the journal as interrupted and signs what is unsigned.
///
/// First come the documents the dead recorder's engine had computed and not written,
/// then an act that names the interruption, then what the engine says to it: a gap, the
/// stop, the findings.
///
/// # Errors
/// [`Error::Ledger`], [`Error::Engine`].
pub async fn recover(
    ledger: &mut SqliteLedger,
    signer: &impl Signer,
    now_ns: i64,
) -> Result<Vec<Recovered>, Error> {
    let mut recovered = Vec::new();
    for open in ledger.open_runs().await? {
        let mut chain = ledger.chain_head(&open.run).await?;
        let documents = chain.next;
        let mut replay = None;
        let mut rows = ledger.documents(&open.run);
        while let Some(chunk) = rows.next_chunk().await? {
            for sealed in chunk {
                if matches!(sealed.doc, Document::Start(_)) {
                    replay = Some(Replay::new(files_of(ledger, &sealed.doc).await?));
                }
                if let Some(replay) = &mut replay {
                    replay.feed(&sealed)?;
                }
            }
        }
        let Some(mut replay) = replay else { continue };
        let mut batch = replay
            .pending()
            .map(|document| chain.append(document.clone()))
            .collect::<Result<Vec<_>, _>>()?;
        let act = chain.append(Document::Act(Act {
            // On a simulated bench the clock died with the run; it does not run backwards.
            t_ns: now_ns.max(open.last_ns),
            who: "recovery".into(),
            role: "station".into(),
            command: ActCommand::Interrupt,
            reason: format!(
                "下次启动时发现试验未结束，{documents} 份文档完好 found open at the next start, {documents} documents were durable"
            ),
            zeros: Vec::new(),
            demand: None,
            entry: None,
        }))?;
        for sealed in &batch {
            replay.feed(sealed)?;
        }
        replay.feed(&act)?;
        batch.push(act);
        let closing: Vec<Document> = replay.pending().cloned().collect();
        for document in closing {
            batch.push(chain.append(document)?);
        }
        ledger.append(&batch).await?;
        recovered.push(Recovered {
            run: open.run,
            documents,
        });
    }
    sign_stops(ledger, signer).await?;
    Ok(recovered)
}

/// The files a document names, from the journal.
pub(crate) async fn files_of(ledger: &SqliteLedger, document: &Document) -> Result<Files, Error> {
    let mut files = Files::new();
    for reference in files_named(document) {
        let stored = ledger.file(&reference.digest).await?;
        files.insert(reference.digest, stored.bytes);
    }
    Ok(files)
}
