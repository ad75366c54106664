//! The journals and their keys.

use super::{Check, State};
use dutypoint_ledger::{OpenMode, SqliteLedger, StationKey, written_by};
use dutypoint_model::document::Origin;
use std::path::{Path, PathBuf};

/// Name of the station's key beside its journal.
const KEY: &str = "station.key";

/// The checks, and the latest wall time any run has recorded.
pub(super) async fn checks(journals: &[PathBuf]) -> (Vec<Check>, Option<i64>) {
    if journals.is_empty() {
        let none = Check::ok("journals", "还没有试验记录", "no journals yet");
        return (vec![none], None);
    }
    let (mut checks, mut latest) = (Vec::new(), None);
    for journal in journals {
        let (check, last_ns) = contents(journal).await;
        checks.push(check);
        checks.extend(journal.parent().and_then(key));
        latest = latest.max(last_ns);
    }
    (checks, latest)
}

async fn contents(path: &Path) -> (Check, Option<i64>) {
    let id = "journals";
    let place = path.display();
    let runs = match SqliteLedger::open(path, OpenMode::ReadOnly).await {
        Ok(ledger) => ledger.runs().await,
        Err(error) => Err(error),
    };
    let runs = match runs {
        Ok(runs) => runs,
        Err(error) => {
            let check = Check::ok(id, format!("{place} 打不开：{error}"), error.to_string())
                .because(
                    State::Failure,
                    "用 dutypoint fsck 检查它，或从备份恢复",
                    "look at it with `dutypoint fsck`, or restore it from a copy",
                );
            return (check, None);
        }
    };
    let last = runs.iter().max_by_key(|run| run.last_ns);
    let name = last.map_or("–", |run| run.run.as_str());
    let mut zh = format!("{place}：{} 次试验，最近 {name}", runs.len());
    let mut en = format!("{place}: {} runs, the last {name}", runs.len());
    let writer = written_by(path);
    if let Some(writer) = &writer {
        zh.push_str(&format!("，正由 {writer} 写入"));
        en.push_str(&format!(", being written by {writer}"));
    }
    let check = Check::ok(id, zh, en);
    let open = runs.iter().filter(|run| run.outcome.is_none()).count();
    let check = match (open, &writer) {
        (0, _) | (_, Some(_)) => check,
        // Nobody writes it and a run is open: its recorder died.
        _ => check.because(
            State::Warning,
            format!("{open} 次试验未结束；下次写入该记录时按“记录中断”关闭"),
            format!("{open} runs are open; the next verb that writes to the journal closes them as interrupted"),
        ),
    };
    let latest = runs.iter().map(|run| match run.origin {
        // A simulated bench may run faster than the wall, so that only its start is wall time.
        Origin::Simulated => run.started_ns,
        Origin::Bench | Origin::Imported => run.last_ns,
    });
    (check, latest.max())
}

/// The key beside a journal, if one lies there.
fn key(folder: &Path) -> Option<Check> {
    let path = folder.join(KEY);
    if !path.exists() {
        return None;
    }
    let place = path.display();
    Some(match StationKey::load(&path) {
        Ok(_) => Check::ok(
            "keys",
            format!("{place} 可用，仅所有者可读"),
            format!("{place} is sound and readable by its owner only"),
        ),
        Err(error) => Check::ok("keys", format!("{place} 不能用"), error.to_string()).because(
            State::Failure,
            format!("{error}；权限改为 600，或从备份恢复"),
            "permissions must be 600; else restore the key from its copy",
        ),
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_others_may_read_is_a_failure() {
        let folder = tempfile::TempDir::new().unwrap();
        assert_eq!(key(folder.path()), None);
        let path = folder.path().join(KEY);
        StationKey::create(&path, &[7; 32]).unwrap();
        assert_eq!(key(folder.path()).unwrap().state, State::Ok);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let check = key(folder.path()).unwrap();
        assert_eq!(check.state, State::Failure);
        assert!(check.todo.unwrap().en.contains("600"));
    }
}
