//! `dutypoint runs`: what the journals hold.

use crate::Done;
use crate::args::JournalArgs;
use crate::places::Places;
use crate::say::Say;
use dutypoint_ledger::{OpenMode, SqliteLedger};
use serde_json::json;

pub(crate) async fn run(args: &JournalArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let mut all = Vec::new();
    for journal in places.journals(args.journal.as_deref())? {
        let ledger = SqliteLedger::open(&journal, OpenMode::ReadOnly).await?;
        let runs = ledger.runs().await?;
        say.line(journal.display().to_string());
        for run in &runs {
            let outcome = match run.outcome {
                Some(outcome) => outcome.text().get(say.lang).to_owned(),
                None => say.pick("未结束", "open").to_owned(),
            };
            let verdict = run
                .verdict
                .map(|v| v.text().get(say.lang).to_owned())
                .unwrap_or_default();
            say.line(format!(
                "  {}  {}  {outcome}  {verdict}  {} {}  {}",
                run.run,
                dutypoint_certificate::record::rfc3339(run.started_ns),
                run.points,
                say.pick("点", "points"),
                run.certificate.as_deref().unwrap_or("")
            ));
        }
        all.push(json!({ "journal": journal, "runs": runs }));
    }
    if all.is_empty() {
        say.line(say.pick(
            "没有试验记录；dutypoint demo --no-serve 会生成一个。",
            "no journals; `dutypoint demo --no-serve` makes one.",
        ));
    }
    say.document(&json!({ "journals": all }))?;
    Ok(Done::Passing)
}
