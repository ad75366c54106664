//! Following a run in the journal while another thread, or another process, records it.

use crate::Error;
use crate::recovery::files_of;
use dutypoint_engine::Replay;
use dutypoint_ledger::{OpenMode, SqliteLedger};
use dutypoint_model::Digest;
use std::path::Path;

/// Documents read at a time.
const CHUNK: u32 = 256;

/// A run as far as its journal goes. It reads what is durable and computes it with the
/// engine that will judge it, so a page made of it can be shown before the run ends.
#[derive(Debug)]
pub struct Follower {
    ledger: SqliteLedger,
    run: String,
    next: u64,
    head: Digest,
    replay: Option<Replay>,
}

impl Follower {
    /// Opens `journal` for reading at the beginning of `run`.
    ///
    /// # Errors
    /// [`Error::Ledger`].
    pub async fn open(journal: &Path, run: &str) -> Result<Self, Error> {
        Ok(Self {
            ledger: SqliteLedger::open(journal, OpenMode::ReadOnly).await?,
            run: run.to_owned(),
            next: 0,
            head: Digest::ZERO,
            replay: None,
        })
    }

    /// Takes whatever has become durable since; returns how many documents that were.
    ///
    /// # Errors
    /// [`Error::Ledger`] for a journal that cannot be read or is damaged,
    /// [`Error::Engine`] for documents that are no run.
    pub async fn advance(&mut self) -> Result<u64, Error> {
        let before = self.next;
        loop {
            let documents = self
                .ledger
                .documents_from(&self.run, self.next, CHUNK)
                .await?;
            if documents.is_empty() {
                return Ok(self.next - before);
            }
            for sealed in &documents {
                let replay = match &mut self.replay {
                    Some(replay) => replay,
                    None => {
                        let files = files_of(&self.ledger, &sealed.doc).await?;
                        self.replay.insert(Replay::new(files))
                    }
                };
                // Whatever comes of it, no document is fed twice.
                (self.next, self.head) = (sealed.seq + 1, sealed.digest);
                replay.feed(sealed)?;
            }
        }
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> &str {
        &self.run
    }

    /// What the documents so far amount to; none before the first.
    #[must_use]
    pub fn replay(&self) -> Option<&Replay> {
        self.replay.as_ref()
    }

    /// Documents read so far, and the digest of the last.
    #[must_use]
    pub fn head(&self) -> (u64, Digest) {
        (self.next, self.head)
    }
}
