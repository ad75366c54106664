//! `dutypoint replay`: compute a run again and compare.

use crate::Done;
use crate::args::ReplayArgs;
use crate::places::{Places, read};
use crate::report::{builds, finding_line, software};
use crate::say::{Say, bad};
use dutypoint_certificate::bundle;
use dutypoint_certificate::verify::open_journal;
use dutypoint_engine::{Files, Replay, ReplaySummary};
use dutypoint_ledger::{OpenMode, SqliteLedger};
use dutypoint_model::Digest;
use dutypoint_model::document::Software;
use dutypoint_station::load_run;
use serde_json::json;
use std::path::Path;

pub(crate) async fn run(args: &ReplayArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let path = Path::new(&args.what);
    let (run, replay) = if path.is_file() {
        from_bundle(path)?
    } else {
        let (journal, run) = places.find_run(args.journal.as_deref(), &args.what).await?;
        let ledger = SqliteLedger::open(&journal, OpenMode::ReadOnly).await?;
        let (_, replay) = load_run(&ledger, &run).await?;
        (run, replay)
    };
    let recorded = replay
        .engine()
        .map(|engine| engine.setup().start.software.clone());
    let summary = replay.finish();
    report(say, &run, &summary, recorded.as_ref())?;
    Ok(if summary.divergence.is_none() {
        Done::Passing
    } else {
        Done::Failing
    })
}

/// A replay trusts nothing: the chain is followed, the numbers come from the inputs. Who
/// signed is the business of `verify`.
fn from_bundle(path: &Path) -> anyhow::Result<(String, Replay)> {
    let place = |why: String| bad(format!("failed to replay {}: {why}", path.display()));
    let entries = bundle::unpack(&read(path)?).map_err(|e| place(e.to_string()))?;
    let journal = entries
        .get(bundle::JOURNAL)
        .ok_or_else(|| place(format!("it holds no {}", bundle::JOURNAL)))?;
    let documents = open_journal(journal).map_err(place)?;
    let files: Files = entries
        .iter()
        .filter(|(name, _)| name.starts_with(bundle::FILES))
        .map(|(_, bytes)| (Digest::of(bytes), bytes.clone()))
        .collect();
    let run = documents.first().map(|d| d.run.clone()).unwrap_or_default();
    let replay = dutypoint_certificate::verify::replay(&documents, files).map_err(place)?;
    Ok((run, replay))
}

fn report(
    say: Say,
    run: &str,
    summary: &ReplaySummary,
    recorded: Option<&Software>,
) -> anyhow::Result<()> {
    let divergence = summary.divergence.as_ref().map(|d| {
        json!({ "document": d.seq, "field": d.field, "recorded": d.recorded, "recomputed": d.recomputed })
    });
    let result = if divergence.is_none() {
        "identical"
    } else {
        "diverged"
    };
    say.document(&json!({
        "run": run,
        "result": result,
        "documents": summary.documents,
        "recomputed": summary.identical,
        "outcome": summary.stop.as_ref().map(|s| s.outcome),
        "divergence": divergence,
        "recorded_by": recorded,
        "computed_by": software(),
        "findings": summary.findings,
    }))?;
    say.line(format!(
        "{run}: {} · {} {} · {} {}",
        say.pick(
            if result == "identical" {
                "一致 (identical)"
            } else {
                "不一致 (diverged)"
            },
            result
        ),
        summary.documents,
        say.pick("份文档", "documents"),
        summary.identical,
        say.pick("份重算一致", "recomputed identical"),
    ));
    if let Some(recorded) = recorded {
        say.line(builds(say, recorded));
    }
    if let Some(d) = &summary.divergence {
        say.line(format!(
            "  {} {} {} {}: {} {} / {} {}",
            say.pick("文档", "document"),
            d.seq,
            say.pick("字段", "field"),
            d.field,
            say.pick("记录", "recorded"),
            d.recorded,
            say.pick("重算", "recomputed"),
            d.recomputed
        ));
    }
    for finding in &summary.findings {
        say.line(format!("  {}", finding_line(say, finding)));
    }
    Ok(())
}
