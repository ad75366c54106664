//! Where things lie: data folder, journals, station keys, output folders.

use crate::say::{NoRoom, bad};
use anyhow::Context as _;
use dutypoint_engine::import::Encoding;
use dutypoint_ledger::{OpenMode, Signer as _, SqliteLedger, StationKey};
use std::path::{Path, PathBuf};

/// Name of a journal in its folder.
const JOURNAL: &str = "journal.sqlite";
/// Name of the station's key beside its journal.
const KEY: &str = "station.key";

/// The data folder.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    data: Option<PathBuf>,
}

impl Places {
    pub(crate) fn new(data: Option<PathBuf>) -> Self {
        Self {
            data: data.or_else(|| dirs::data_dir().map(|d| d.join("dutypoint"))),
        }
    }

    /// The data folder, which may not exist yet.
    pub(crate) fn data(&self) -> anyhow::Result<&Path> {
        self.data.as_deref().ok_or_else(|| {
            bad("failed to find the user's data directory; name one with --data DIR")
        })
    }

    /// The folder a verb writes to: `given`, or a new one named after `kind` and time.
    pub(crate) fn out(&self, given: Option<&Path>, name: &str) -> anyhow::Result<PathBuf> {
        let folder = match given {
            Some(folder) => folder.to_owned(),
            None => self.data()?.join(name),
        };
        std::fs::create_dir_all(&folder)
            .map_err(|e| bad(format!("failed to create folder {}: {e}", folder.display())))?;
        Ok(folder)
    }

    /// Every journal meant by `given`: that one, or all of the data folder and its
    /// immediate sub-folders.
    pub(crate) fn journals(&self, given: Option<&Path>) -> anyhow::Result<Vec<PathBuf>> {
        if let Some(path) = given {
            let file = if path.is_dir() {
                path.join(JOURNAL)
            } else {
                path.to_owned()
            };
            if !file.exists() {
                return Err(bad(format!(
                    "failed to find a journal at {}",
                    file.display()
                )));
            }
            return Ok(vec![file]);
        }
        let data = self.data()?;
        let mut folders = vec![data.to_owned()];
        if let Ok(entries) = std::fs::read_dir(data) {
            folders.extend(entries.filter_map(|e| Some(e.ok()?.path())));
        }
        let mut journals: Vec<PathBuf> = folders
            .into_iter()
            .map(|folder| folder.join(JOURNAL))
            .filter(|file| file.is_file())
            .collect();
        journals.sort();
        Ok(journals)
    }

    /// The journal that holds the run whose id begins with `prefix`, and the whole id.
    pub(crate) async fn find_run(
        &self,
        given: Option<&Path>,
        prefix: &str,
    ) -> anyhow::Result<(PathBuf, String)> {
        let mut found = Vec::new();
        for journal in self.journals(given)? {
            let ledger = SqliteLedger::open(&journal, OpenMode::ReadOnly).await?;
            for run in ledger.runs().await? {
                if run.run.starts_with(prefix) {
                    found.push((journal.clone(), run.run));
                }
            }
        }
        match found.len() {
            1 => found.pop().context("counted one"),
            0 => Err(bad(format!(
                "failed to find run {prefix:?}; `dutypoint runs` lists them, --journal PATH names another journal"
            ))),
            n => Err(bad(format!(
                "failed to choose a run: {n} ids begin with {prefix:?}; give more of it"
            ))),
        }
    }
}

/// The journal in `folder`.
pub(crate) fn journal_in(folder: &Path) -> PathBuf {
    folder.join(JOURNAL)
}

/// The station's key in `folder`, for the journal open there. It is made with the
/// journal; its public half lies beside it for whoever verifies. Once the journal holds
/// anything, a key that is missing or another one is refused: with a second key its
/// history would no longer be one station's.
pub(crate) async fn station_key(
    folder: &Path,
    ledger: &SqliteLedger,
) -> anyhow::Result<StationKey> {
    let path = folder.join(KEY);
    let there = path
        .try_exists()
        .map_err(|e| bad(format!("failed to look for {}: {e}", path.display())))?;
    let refuse = |why: String| {
        anyhow::Error::new(dutypoint_ledger::Error::Key {
            path: path.clone(),
            why,
        })
    };
    if there {
        let key = StationKey::load(&path)?;
        return match ledger.latest_signer().await? {
            Some(signer) if signer != key.public_key() => Err(refuse(format!(
                "it is not the key that signed journal {}; put the station's own key back from a copy, or record into a new folder with --out",
                ledger.path().display()
            ))),
            _ => Ok(key),
        };
    }
    if !ledger.is_blank().await? {
        return Err(refuse(format!(
            "the station's key is missing, and journal {} holds runs it belongs to, so no other is made; put the key back from a copy, or record into a new folder with --out",
            ledger.path().display()
        )));
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|e| anyhow::anyhow!("failed to draw a random key: {e}"))?;
    let key = StationKey::create(&path, &seed)?;
    let public = dutypoint_model::digest::hex(&key.public_key());
    write(
        &folder.join(format!("{KEY}.pub")),
        format!("{public}\n").as_bytes(),
    )?;
    Ok(key)
}

/// The public key that lies beside the journal, if one does.
pub(crate) fn public_key(journal: &Path) -> Option<[u8; 32]> {
    let path = journal.parent()?.join(format!("{KEY}.pub"));
    let text = std::fs::read_to_string(path).ok()?;
    dutypoint_model::digest::parse_hex(text.trim())
}

/// Writes a file whole or not at all: beside it first, then in its place.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::{ErrorKind, Write as _};
    let beside = path.with_extension("part");
    let placed = std::fs::File::create(&beside)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&beside, path));
    placed.map_err(|e| {
        // What is left of it only takes room; whether that can be removed changes nothing.
        let _left = std::fs::remove_file(&beside);
        let why = format!("failed to write {}: {e}", path.display());
        match e.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                anyhow::Error::new(NoRoom(format!("{why}; free space")))
            }
            _ => bad(why),
        }
    })
}

/// Reads a file the user named.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| bad(format!("failed to read {}: {e}", path.display())))
}

/// Reads a text file the user named. A mark of UTF-8 at its beginning is left in: it is
/// part of the bytes that are recorded, and no reader of TOML minds it.
pub(crate) fn read_text(path: &Path) -> anyhow::Result<String> {
    String::from_utf8(read(path)?).map_err(|error| {
        let seems = match Encoding::of(error.as_bytes()) {
            Some(other) => format!(" but seems to be {other}"),
            None => String::new(),
        };
        bad(format!(
            "failed to read {}: it is no UTF-8 text{seems}; save it as UTF-8",
            path.display()
        ))
    })
}

/// The name of a file without its folder.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// A new run id: time in UTC and four random digits, so that two stations started in one
/// second still differ.
pub(crate) fn new_run_id(now: jiff::Timestamp) -> anyhow::Result<String> {
    let mut random = [0; 2];
    getrandom::fill(&mut random)
        .map_err(|e| anyhow::anyhow!("failed to draw random bytes: {e}"))?;
    Ok(format!(
        "R{}-{}",
        now.strftime("%Y%m%d-%H%M%S"),
        dutypoint_model::digest::hex(&random)
    ))
}

/// Wall time, nanoseconds since the Unix epoch.
pub(crate) fn nanoseconds(now: jiff::Timestamp) -> anyhow::Result<i64> {
    i64::try_from(now.as_nanosecond()).context("the clock shows a year beyond 2262")
}
