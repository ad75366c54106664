//! Which journals there are, and where a run lies.

use dutypoint_ledger::{OpenMode, RunSummary, SqliteLedger};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// The journals a console shows. Which they are is asked anew each time: a run may have
/// made one since.
#[derive(Clone)]
pub struct Journals(Arc<dyn Fn() -> Vec<PathBuf> + Send + Sync>);

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
    /// Journals that cannot be read, and why.
    pub(crate) unreadable: Vec<(PathBuf, String)>,
}

impl Journals {
    /// The journals `list` names whenever it is asked.
    #[must_use]
    pub fn new(list: impl Fn() -> Vec<PathBuf> + Send + Sync + 'static) -> Self {
        Self(Arc::new(list))
    }

    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        (self.0)()
    }

    /// Every run there is. A journal that cannot be read does not hide the others.
    pub(crate) async fn catalogue(&self) -> Catalogue {
        let mut catalogue = Catalogue::default();
        for path in self.paths() {
            match runs_of(&path).await {
                Ok(runs) => catalogue
                    .runs
                    .extend(runs.into_iter().map(|run| (path.clone(), run))),
                Err(error) => catalogue.unreadable.push((path, error.to_string())),
            }
        }
        catalogue
            .runs
            .sort_by(|(_, a), (_, b)| (b.started_ns, &b.run).cmp(&(a.started_ns, &a.run)));
        catalogue
    }

    /// The journal that holds `run`.
    pub(crate) async fn find(&self, run: &str) -> Option<(PathBuf, SqliteLedger, RunSummary)> {
        if !is_run_id(run) {
            return None;
        }
        for path in self.paths() {
            let Ok(ledger) = SqliteLedger::open(&path, OpenMode::ReadOnly).await else {
                continue;
            };
            if let Ok(summary) = ledger.run(run).await {
                return Some((path, ledger, summary));
            }
        }
        None
    }
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
