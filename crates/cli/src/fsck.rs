//! `dutypoint fsck`: every invariant of a journal.

use crate::Done;
use crate::args::FsckArgs;
use crate::places::{Places, public_key};
use crate::say::Say;
use dutypoint_ledger::{OpenMode, SqliteLedger};
use serde_json::json;

pub(crate) async fn run(args: &FsckArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let mut clean = true;
    let mut all = Vec::new();
    for journal in places.journals(args.journal.as_deref())? {
        let rebuilt = if args.rebuild {
            let mut ledger = SqliteLedger::open(&journal, OpenMode::ReadWrite).await?;
            let rebuilt = ledger.rebuild_catalogue().await?;
            ledger.close().await?;
            Some(rebuilt)
        } else {
            None
        };
        let ledger = SqliteLedger::open(&journal, OpenMode::ReadOnly).await?;
        // The station's own key, where it lies beside the journal, is the one to expect.
        let trusted: Vec<[u8; 32]> = public_key(&journal).into_iter().collect();
        let report = ledger.fsck(&trusted).await?;
        say.line(format!(
            "{}\n  {} {} · {} {} · {} {} · {} {}",
            journal.display(),
            say.pick("试验", "runs"),
            report.runs,
            say.pick("文档", "documents"),
            report.documents,
            say.pick("文件", "files"),
            report.files,
            say.pick("检查点", "checkpoints"),
            report.checkpoints
        ));
        if let Some(rebuilt) = &rebuilt {
            say.line(if rebuilt.was_equal() {
                say.pick(
                    "  目录已重建，与原目录相同",
                    "  catalogue rebuilt: it was equal",
                )
                .to_owned()
            } else {
                format!(
                    "{} {}",
                    say.pick("  目录已重建，修正：", "  catalogue rebuilt, mended:"),
                    rebuilt.mended.join(", ")
                )
            });
        }
        for problem in &report.problems {
            say.line(format!("  {:?}: {problem}", problem.nature));
        }
        if report.is_clean() {
            say.line(say.pick("  完好", "  clean"));
        }
        clean &= report.is_clean();
        all.push(json!({ "journal": journal, "clean": report.is_clean(), "report": report, "rebuilt": rebuilt }));
    }
    say.document(&json!({ "clean": clean, "journals": all }))?;
    Ok(if clean { Done::Passing } else { Done::Failing })
}
