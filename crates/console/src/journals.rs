//! Which journals there are, and where a run lies.

use dutypoint_ledger::{OpenMode, RunSummary, SqliteLedger};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// The journals a console shows. Which they are is asked anew each time: a run may have
/// made one since.
#[derive(Clone)]
pub struct Journals(Arc<dyn Fn() -> Result<Vec<PathBuf>, String> + Send + Sync>);

impl fmt::Debug for Journals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Journals(..)")
    }
}

/// Every run of every journal.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    /// Runs, the latest first.
    pub(crate) runs: Vec<(PathBuf, RunSummary)>,
    /// Why journals cannot be read or listed.
    pub(crate) unreadable: Vec<String>,
}

impl Journals {
    /// The journals `list` names whenever it is asked, or why it cannot.
    #[must_use]
    pub fn new(list: impl Fn() -> Result<Vec<PathBuf>, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(list))
    }

    pub(crate) fn paths(&self) -> Result<Vec<PathBuf>, String> {
        (self.0)()
    }

    /// Every run there is. A journal that cannot be read does not hide the others.
    pub(crate) async fn catalogue(&self) -> Catalogue {
        let mut catalogue = Catalogue::default();
        let paths = self.paths().unwrap_or_else(|why| {
            catalogue.unreadable.push(why);
            Vec::new()
        });
        for path in paths {
            match runs_of(&path).await {
                Ok(runs) => catalogue
                    .runs
                    .extend(runs.into_iter().map(|run| (path.clone(), run))),
                Err(error) => catalogue.unreadable.push(error.to_string()),
            }
        }
        catalogue
            .runs
            .sort_by(|(_, a), (_, b)| (b.started_ns, &b.run).cmp(&(a.started_ns, &a.run)));
        catalogue
    }

    /// The journal that holds `run`. A journal that cannot be read is no reason to look
    /// no further, but one to say so when nothing is found.
    pub(crate) async fn find(&self, run: &str) -> Result<(SqliteLedger, RunSummary), NotFound> {
        if !is_run_id(run) {
            return Err(NotFound::Nowhere);
        }
        let mut not_found = NotFound::Nowhere;
        for path in self.paths().map_err(NotFound::Unreadable)? {
            let ledger = match SqliteLedger::open(&path, OpenMode::ReadOnly).await {
                Ok(ledger) => ledger,
                Err(error) => {
                    not_found = NotFound::Unreadable(error.to_string());
                    continue;
                }
            };
            match ledger.run(run).await {
                Ok(summary) => return Ok((ledger, summary)),
                Err(dutypoint_ledger::Error::UnknownRun { .. }) => {}
                Err(error) => not_found = NotFound::Unreadable(error.to_string()),
            }
        }
        Err(not_found)
    }
}

/// Why a run is not there.
#[derive(Debug)]
pub(crate) enum NotFound {
    /// No journal holds it.
    Nowhere,
    /// No journal that could be read holds it; why one could not.
    Unreadable(String),
}

pub(crate) async fn runs_of(path: &PathBuf) -> Result<Vec<RunSummary>, dutypoint_ledger::Error> {
    SqliteLedger::open(path, OpenMode::ReadOnly)
        .await?
        .runs()
        .await
}

/// What an id in an address may look like; anything else is no run and is not looked up.
fn is_run_id(text: &str) -> bool {
    (1..=80).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
