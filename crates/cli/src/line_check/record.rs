//! The dated records of line checks: one JSON file each, in the bench's folder.

use crate::places::{Places, read_text, write};
use crate::say::bad;
use dutypoint_model::Verdict;
use dutypoint_station::StageCheck;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Folder of the records, beside the bench's journal.
const FOLDER: &str = "line-checks";

/// One check.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) bench: String,
    pub(super) stages: Vec<StageCheck>,
}

impl Record {
    /// The worst of its stages.
    pub(super) fn verdict(&self) -> Verdict {
        let any = |verdict| self.stages.iter().any(|s| s.verdict == verdict);
        [Verdict::Fail, Verdict::Pass]
            .into_iter()
            .find(|verdict| any(*verdict))
            .unwrap_or(Verdict::NotEvaluated)
    }

    /// The last stage of that name.
    pub(super) fn of_stage(&self, name: &str) -> Option<&StageCheck> {
        self.stages.iter().rev().find(|s| s.stage == name)
    }

    /// Keeps it under the time of its first stage; nothing is overwritten.
    pub(super) fn keep(&self, places: &Places) -> anyhow::Result<PathBuf> {
        let folder = places.data()?.join(&self.bench).join(FOLDER);
        let folder = places.out(Some(&folder), "")?;
        let at = self.stages.first().map_or("", |s| &*s.at);
        let name = at.replace([':', '-'], "");
        let mut path = folder.join(format!("{name}.json"));
        let mut more = 1;
        while path.exists() {
            more += 1;
            path = folder.join(format!("{name}-{more}.json"));
        }
        let text = serde_json::to_string_pretty(self)?;
        write(&path, format!("{text}\n").as_bytes())?;
        Ok(path)
    }
}

/// Every record of the bench `id`, oldest first.
pub(super) fn all(id: &str, places: &Places) -> anyhow::Result<Vec<(PathBuf, Record)>> {
    let folder = places.data()?.join(id).join(FOLDER);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        // No check yet.
        return Ok(Vec::new());
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "json"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let record = serde_json::from_str(&read_text(&path)?).map_err(|e| {
                bad(format!(
                    "failed to read the record {}: {e}; move it away",
                    path.display()
                ))
            })?;
            Ok((path, record))
        })
        .collect()
}
